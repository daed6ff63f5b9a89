import Testing
import Warehouse

@testable import BatchStream

@Suite struct StreamLocationTests {
    /// The module Warehouse reads the same texts for the program.
    @Test(
        arguments: [
            "sqlite:w.sqlite", "sqlite:/a/b c.sqlite", "postgresql://u:p@h:5433/d?schema=x&sslmode=require",
            "postgres://h/d", "postgresql:///d?host=/tmp&schema=y", "postgresql://h/d?sslmode=disable",
        ])
    func `texts mean what they mean to the program`(text: String) throws {
        let ours = try StreamLocation(parsing: text)
        switch try WarehouseLocation(parsing: text).store {
        case .sqlite(let path): #expect(ours == .sqlite(path: path))
        case .postgresql(let connectionString, let schema):
            #expect(ours == .postgresql(connectionString: connectionString, schema: schema))
        }
    }

    @Test func `other texts are refused and not repeated`() {
        let error = #expect(throws: StreamError.self) { try StreamLocation(parsing: "mysql://u:secret@h") }
        #expect(error?.description.contains("secret") == false)
        #expect(throws: StreamError.self) { try StreamLocation(parsing: "sqlite:") }
    }
}
