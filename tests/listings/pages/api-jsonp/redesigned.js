other_callback({})
