import ArgumentParser

ZKServer.main()
