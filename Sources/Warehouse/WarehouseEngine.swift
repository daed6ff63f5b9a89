/// The database behind a warehouse.
package enum WarehouseEngine: String, Sendable, Hashable, CaseIterable, Codable {
    case sqlite
    case postgresql
}
