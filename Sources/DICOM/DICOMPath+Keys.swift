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
        /// Which tag of the path is in that block, from 0.
        private let creatorStep: Int

        /// - Parameter creatorStep: `nil` for the last tag.
        package init(path: String, creator: String? = nil, creatorStep: Int? = nil) {
            self.path = path
            self.creator = creator
            self.creatorStep = creatorStep ?? path.utf8.count { $0 == UInt8(ascii: ".") }
        }

        /// The same attribute in another block, the creator standing at `creatorPath` (gggg,00bb).
        package func inBlock(of creatorPath: String) -> Key {
            var tags = path.split(separator: ".").map(String.init)
            tags[creatorStep] = "\(tags[creatorStep].prefix(4))\(creatorPath.suffix(2))\(tags[creatorStep].suffix(2))"
            return Key(path: tags.joined(separator: "."), creator: creator, creatorStep: creatorStep)
        }

        /// Where the creator of the block stands (gggg,00bb); `nil` where none was named.
        package var creatorPath: String? {
            guard creator != nil else { return nil }
            let tags = path.split(separator: ".")
            return creatorPrefix + tags[creatorStep].dropFirst(4).prefix(2)
        }

        /// Where creators of the group stand, without the block: `…gggg00`.
        package var creatorPrefix: String {
            let tags = path.split(separator: ".")
            return (tags[..<creatorStep] + [tags[creatorStep].prefix(4) + "00"]).joined(separator: ".")
        }
    }

    package var key: Key {
        var creator: (name: String, step: Int)?
        let tags = steps.enumerated().map { index, step in
            switch step.attribute {
            case .tag(let tag): return tag.hexadecimal
            case .inPrivateBlock(let group, let owner, let offset):
                creator = (owner, index)
                return DICOMTag(group, 0x1000 | UInt16(offset)).hexadecimal
            }
        }
        return Key(path: tags.joined(separator: "."), creator: creator?.name, creatorStep: creator?.step)
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
