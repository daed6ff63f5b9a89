internal import SQLInterface
internal import Warehouse

/// Which patients are one person as far as the warehouse knows: the connected components of `patient_link`.
package struct ConnectedIdentities: Sendable {
    /// Smallest patient id of a component by member; patients without links are not in it.
    private let smallestByMember: [Int64: Int64]
    private let membersBySmallest: [Int64: [Int64]]

    package init(links: [(Int64, Int64)]) {
        var parents: [Int64: Int64] = [:]
        func root(_ patient: Int64) -> Int64 {
            var root = patient
            while let parent = parents[root], parent != root { root = parent }
            var next = patient
            while let parent = parents[next], parent != root {
                parents[next] = root
                next = parent
            }
            return root
        }
        for (one, other) in links {
            let (left, right) = (root(one), root(other))
            parents[max(left, right)] = min(left, right)
            parents[min(left, right)] = min(left, right)
        }
        var members: [Int64: [Int64]] = [:]
        for patient in parents.keys.sorted() { members[root(patient), default: []].append(patient) }
        membersBySmallest = members
        smallestByMember = Dictionary(
            members.flatMap { smallest, all in all.map { ($0, smallest) } }, uniquingKeysWith: { first, _ in first })
    }

    /// Reads all links of the warehouse.
    static func read(on connection: any WarehouseConnection) async throws -> ConnectedIdentities {
        let rows = try await connection.rows("SELECT patient_id, linked_patient_id FROM patient_link")
        return ConnectedIdentities(links: try rows.map { (try $0.get(at: 0), try $0.get(at: 1)) })
    }

    /// The smallest patient id of the patient's component: the unit key, as a number.
    package func smallest(of patient: Int64) -> Int64 { smallestByMember[patient] ?? patient }

    /// All patients of the patient's component, in order of id.
    package func members(of patient: Int64) -> [Int64] { membersBySmallest[smallest(of: patient)] ?? [patient] }

    /// Whether the patient's identity is in several folds, so that none is right for a patient without one.
    func isTorn(_ patient: Int64, folds: [Int64: String]) -> Bool {
        Set(members(of: patient).compactMap { folds[$0] }).count > 1
    }

    /// Components of at least two patients, in order of their smallest id.
    package var components: [[Int64]] { membersBySmallest.keys.sorted().compactMap { membersBySmallest[$0] } }
}
