result({
 "num": 40,
 "nPage": 3,
 "data": [
  {
   "MetaDataId": 1502311,
   "title": "关于做好2026年冬季能源保供工作的通知",
   "puburl": "http://xxgk.ji.example/szf/gz/202611/t20261120_1502311.html",
   "tip": {
    "title": "关于做好2026年冬季能源保供工作的通知",
    "dates": "2026-11-20",
    "filenum": "湘发改能源〔2026〕412号",
    "publisher": "省政府办公厅"
   }
  },
  {
   "MetaDataId": 1502207,
   "title": "关于印发《省级预算内投资项目管理办法》的通知",
   "puburl": "http://xxgk.ji.example/szf/gz/202611/t20261112_1502207.html",
   "tip": {
    "title": "关于印发《省级预算内投资项目管理办法》的通知",
    "dates": "2026-11-12",
    "filenum": "湘发改规〔2026〕9号",
    "publisher": "省政府办公厅"
   }
  },
  {
   "MetaDataId": 1502044,
   "title": "关于公布第三批零碳园区建设名单的公告",
   "puburl": "http://xxgk.ji.example/szf/gz/202611/t20261103_1502044.html",
   "tip": {
    "title": "关于公布第三批零碳园区建设名单的公告",
    "dates": "2026-11-03",
    "filenum": "",
    "publisher": "省政府办公厅"
   }
  }
 ]
});
