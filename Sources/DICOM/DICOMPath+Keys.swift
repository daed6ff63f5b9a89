extension DICOMPath {
    /// Where the attribute is in DICOM JSON, whatever the items: tags of eight digits joined by points.
    ///
    /// Item numbers are left out. A private attribute is given by its block 10, with its creator: the block that holds
    /// it in a file is the one its creator reserved there.
    package struct Key: Sendable, Hashable {
        /// Such as `00400275.00400009`.
        package let path: String
        /// Who reserved the block of a private attribute that was named by its creator.
        package let creator: String?

        package init(path: String, creator: String? = nil) {
            self.path = path
            self.creator = creator
        }

        /// The same attribute in another block, the creator standing at `creatorPath` (gggg,00bb).
        package func inBlock(of creatorPath: String) -> Key {
            Key(path: "\(path.dropLast(4))\(creatorPath.suffix(2))\(path.suffix(2))", creator: creator)
        }

        /// Where creators of the group stand, without the block: `…gggg00`.
        package var creatorPrefix: String { path.dropLast(4) + "00" }
    }

    package var key: Key {
        var creator: String?
        let tags = steps.map { step in
            switch step.attribute {
            case .tag(let tag): return tag.hexadecimal
            case .inPrivateBlock(let group, let owner, let offset):
                creator = owner
                return DICOMTag(group, 0x1000 | UInt16(offset)).hexadecimal
            }
        }
        return Key(path: tags.joined(separator: "."), creator: creator)
    }

    /// The keywords along a path of digits, such as `RequestAttributesSequence.ScheduledProcedureStepID`.
    package static func name(ofPath path: String) -> String {
        path.split(separator: ".").map { digits in
            let tag = digits.utf8.count == 8 ? UInt32(digits, radix: 16).map(DICOMTag.init(number:)) : nil
            guard let tag else { return String(digits) }
            return DICOMDictionary.keyword(of: tag) ?? tag.description
        }.joined(separator: ".")
    }
}
