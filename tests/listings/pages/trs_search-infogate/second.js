result({
 "num": 40,
 "nPage": 3,
 "data": [
  {
   "MetaDataId": 1501980,
   "title": "关于调整省管天然气管道运输价格的通知",
   "puburl": "http://xxgk.ji.example/szf/gz/202610/t20261028_1501980.html",
   "tip": {
    "title": "关于调整省管天然气管道运输价格的通知",
    "dates": "2026-10-28",
    "filenum": "湘发改价调〔2026〕388号",
    "publisher": "省政府办公厅"
   }
  },
  {
   "MetaDataId": 1501702,
   "title": "关于开展招标投标领域专项整治的通知",
   "puburl": "http://xxgk.ji.example/szf/gz/202610/t20261015_1501702.html",
   "tip": {
    "title": "关于开展招标投标领域专项整治的通知",
    "dates": "2026-10-15",
    "filenum": "",
    "publisher": "省政府办公厅"
   }
  },
  {
   "MetaDataId": 1501655,
   "title": "关于下达2026年以工代赈示范项目计划的通知",
   "puburl": "http://xxgk.ji.example/szf/gz/202610/t20261009_1501655.html",
   "tip": {
    "title": "关于下达2026年以工代赈示范项目计划的通知",
    "dates": "2026-10-09",
    "filenum": "湘发改振兴〔2026〕355号",
    "publisher": "省政府办公厅"
   }
  }
 ]
});
