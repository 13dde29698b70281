callback_search({"q": "", "p": 1, "n": 3, "searchVO": {"totalcount": 0, "maxPageSize": 0, "listVO": []}})
