import Testing
import Warehouse

@Suite struct WarehouseLocationTests {
    @Test func `each form of a location is understood`() throws {
        #expect(try WarehouseLocation(parsing: "sqlite:a/b.sqlite").store == .sqlite(path: "a/b.sqlite"))
        #expect(try WarehouseLocation(parsing: "sqlite::memory:").store == .sqlite(path: ":memory:"))
        #expect(
            try WarehouseLocation(parsing: "postgres://u@h:5433/d?sslmode=require&schema=s1&connect_timeout=3").store
                == .postgresql(
                    connectionString: "postgres://u@h:5433/d?sslmode=require&connect_timeout=3", schema: "s1"))
        #expect(
            try WarehouseLocation(parsing: "postgresql:///d?schema=x").store
                == .postgresql(connectionString: "postgresql:///d", schema: "x"))
    }

    @Test(arguments: ["", "sqlite:", "warehouse.sqlite", "mysql://h/d", "postgresql://h/d?schema=a-b", "/tmp/x"])
    func `anything else is refused`(text: String) {
        let error = #expect(throws: WarehouseError.self) { try WarehouseLocation(parsing: text) }
        #expect(error?.code == .badLocation)
    }

    @Test(arguments: [
        "postgresql://u:hunter2@h/d", "postgresql://u:hunter2@h:5432/d?schema=x", "postgresql://h/d?password=hunter2",
        "postgresql://u:a/hunter2@h/d", "postgresql://u:a@hunter2@h/d", "postgresql://h/d?user=u&password=hunter2&x=1",
    ])
    func `no password is in the description`(text: String) throws {
        let location = try WarehouseLocation(parsing: text)
        #expect(!location.description.contains("hunter2"))
        #expect(location.description.hasPrefix("postgresql://"))
    }

    @Test func `the option wins over the environment, and the environment over the default`() throws {
        let environment = ["SLICEHOUSE_DATABASE": "postgresql://h/d", "SLICEHOUSE_SCHEMA": "s2"]
        #expect(try WarehouseLocation.resolve("sqlite:x", environment: environment).store == .sqlite(path: "x"))
        #expect(
            try WarehouseLocation.resolve(nil, environment: environment).store
                == .postgresql(connectionString: "postgresql://h/d", schema: "s2"))
        #expect(
            try WarehouseLocation.resolve("postgresql://h/d?schema=s3", environment: environment).store
                == .postgresql(connectionString: "postgresql://h/d", schema: "s3"))
        #expect(try WarehouseLocation.resolve(nil, environment: [:]).description == "sqlite:slicehouse.sqlite")
    }
}
