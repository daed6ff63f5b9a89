internal import CanonicalJSON
internal import SQLInterface
internal import Warehouse

/// `labels.txt` beside TFRecords: the classes of `image/class/label`, one a line, id and name, as TensorFlow Slim reads
/// them.
///
/// A class of a grade is called after its number, as the folders of the system that is replaced were.
struct LabelFile {
    private let set: StoredTrainingSet

    init(_ set: StoredTrainingSet) { self.set = set }

    /// Nil where the target is not one class: masks, several labels, grades that are no whole numbers.
    func text(on connection: any WarehouseConnection) async throws -> String? {
        let domains = (set.parameters["target"]?["domains"]?.array ?? []).compactMap(\.string)
        switch set.targetKind {
        case "grade":
            return try await grades(of: domains, on: connection)?.map { "\($0):\($0)\n" }.joined()
        case "labels" where domains.count == 1: return "0:absent\n1:present\n"
        default: return nil
        }
    }

    /// Those that the domain orders, whether a sample has them or not, and those of the samples.
    private func grades(of domains: [String], on connection: any WarehouseConnection) async throws -> [Int]? {
        let ordered = try await connection.rows(
            """
            SELECT DISTINCT label_term.ordinal FROM label_term
            JOIN label_domain ON label_domain.label_domain_id = label_term.label_domain_id
            WHERE label_domain.name IN \(list: domains) AND label_term.ordinal IS NOT NULL
            """
        ).map { try $0.get(at: 0, as: Int.self) }
        let given = try await connection.rows(
            """
            SELECT DISTINCT CAST(target AS text) FROM training_sample
            WHERE training_set_id = \(set.id) AND target IS NOT NULL
            """
        ).map { try JSONValue(parsing: $0.get(at: 0, as: String.self)).number.flatMap { Int(exactly: $0) } }
        guard !given.contains(where: { $0.map { $0 < 0 } ?? true }) else { return nil }
        return Set(ordered + given.compactMap(\.self)).sorted()
    }
}
