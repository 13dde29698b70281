

﻿
result({
 "total": 6,
 "data": [
  {
   "doctitle": "关于做好2026年冬季能源保供工作的通知",
   "docpuburl": "http://xxgk.ji.example/szf/gz/202611/t20261120_1502311.html",
   "RELEASEDATE": "2026年11月20日",
   "filenum": "湘发改能源〔2026〕412号"
  },
  {
   "doctitle": "关于印发《省级预算内投资项目管理办法》的通知",
   "docpuburl": "http://xxgk.ji.example/szf/gz/202611/t20261112_1502207.html",
   "RELEASEDATE": "2026年11月12日",
   "filenum": "湘发改规〔2026〕9号"
  },
  {
   "doctitle": "关于公布第三批零碳园区建设名单的公告",
   "docpuburl": "http://xxgk.ji.example/szf/gz/202611/t20261103_1502044.html",
   "RELEASEDATE": "2026年11月03日",
   "filenum": ""
  }
 ]
});
