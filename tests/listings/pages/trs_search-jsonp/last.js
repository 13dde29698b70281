

﻿
result({
 "total": 6,
 "data": [
  {
   "doctitle": "关于调整省管天然气管道运输价格的通知",
   "docpuburl": "http://xxgk.ji.example/szf/gz/202610/t20261028_1501980.html",
   "RELEASEDATE": "2026年10月28日",
   "filenum": "湘发改价调〔2026〕388号"
  },
  {
   "doctitle": "关于开展招标投标领域专项整治的通知",
   "docpuburl": "http://xxgk.ji.example/szf/gz/202610/t20261015_1501702.html",
   "RELEASEDATE": "2026年10月15日",
   "filenum": ""
  },
  {
   "doctitle": "关于下达2026年以工代赈示范项目计划的通知",
   "docpuburl": "http://xxgk.ji.example/szf/gz/202610/t20261009_1501655.html",
   "RELEASEDATE": "2026年10月09日",
   "filenum": "湘发改振兴〔2026〕355号"
  }
 ]
});
