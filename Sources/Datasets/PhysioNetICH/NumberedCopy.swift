/// A published table under the name that a browser or a file manager gives to a second file of one name.
///
/// It may be the published one, or what a ward made of it, so that it is not read: who renames it says which.
package enum NumberedCopy {
    /// `hemorrhage_diagnosis (1).csv`, `hemorrhage_diagnosis - Copy.csv` and the like, in any case.
    package static func isOne(_ file: SourceFile) -> Bool {
        let name = file.name.lowercased()
        guard name.hasSuffix(".csv"), PhysioNetICHTable.kind(of: file) == nil else { return false }
        let stem = original(name.dropLast(".csv".count))
        return PhysioNetICHTable.kind(of: SourceFile(number: file.number, relativePath: stem + ".csv")) != nil
    }

    private static func original(_ stem: Substring) -> Substring {
        var name = stem
        if name.last == ")", let open = name.lastIndex(of: "(") {
            let number = name[open...].dropFirst().dropLast()
            if !number.isEmpty, number.allSatisfy(\.isNumber) { name = name[..<open] }
        }
        while name.last == " " { name = name.dropLast() }
        for ending in [" - copy", " copy"] where name.hasSuffix(ending) { name = name.dropLast(ending.count) }
        return name
    }
}
