result({
 "num": 40,
 "nPage": 3,
 "data": [
  {
   "MetaDataId": 1501500,
   "title": "关于废止部分行政规范性文件的决定",
   "puburl": "http://xxgk.ji.example/szf/gz/202609/t20260930_1501500.html",
   "tip": {
    "title": "关于废止部分行政规范性文件的决定",
    "dates": "2026-09-30",
    "filenum": "",
    "publisher": "省政府办公厅"
   }
  }
 ]
});
