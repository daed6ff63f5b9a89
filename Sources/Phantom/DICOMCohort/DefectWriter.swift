internal import DICOM

/// Puts one file of every ``PhantomDefect`` beside the files of a study.
struct DefectWriter {
    let writer: StudyWriter
    let seed: UInt64

    /// Writes the files. Returns their paths by defect.
    func write() throws -> [PhantomDefect: String] {
        var paths: [PhantomDefect: String] = [:]
        for (number, defect) in PhantomDefect.allCases.enumerated() {
            let path = writer.study.folder(.soft) + "/ZZ" + SyntheticPerson.padded(900_001 + number, 6)
            try writer.output.write(content(defect, number, path), to: path)
            paths[defect] = path
        }
        return paths
    }

    private func content(_ defect: PhantomDefect, _ number: Int, _ path: String) throws -> [UInt8] {
        let middle = writer.study.sliceCount / 2
        switch defect {
        case .truncatedPixels:
            let whole = try image(middle, path, uid: freshUID(number))
            return Array(whole.prefix(whole.count * 6 / 10))
        case .truncatedHeader:
            return Array(try image(middle, path, uid: freshUID(number)).prefix(200))
        case .zeroBytes: return []
        case .text: return Array("Exported with the viewer. Open index.htm to see the images.\r\n".utf8)
        case .garbage:
            var generator = SeededGenerator(seed: seed, key: 22)
            let noise = (0..<4096).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            return [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + noise
        case .duplicate: return try image(middle, path, uid: nil)
        case .sameUIDOtherPixels: return try image(middle, path, uid: nil, brightened: true)
        case .missingPatientID: return try image(middle, path, uid: freshUID(number), anonymous: true)
        }
    }

    private func freshUID(_ number: Int) -> String {
        SyntheticUID.make(seed: seed, 5, UInt64(number))
    }

    /// Slice `index` of the soft series again, altered. A new `uid` also makes it a series of its own.
    private func image(
        _ index: Int, _ path: String, uid: String?, brightened: Bool = false, anonymous: Bool = false
    ) throws -> [UInt8] {
        var hu = writer.stack.slice(index).hu
        if brightened { hu = hu.map { $0 &+ 10 } }
        var header = writer.axialHeader(.soft, index: index)
        if let uid {
            header.text(0x0008, 0x0018, .UI, uid)
            header.text(0x0020, 0x000E, .UI, uid + ".1")
            if anonymous { header.text(0x0020, 0x000D, .UI, uid + ".2") }
        }
        if anonymous { header.remove(0x0010, 0x0020) }
        return try writer.file(header, frames: [writer.pixels(hu)], path: path)
    }
}
