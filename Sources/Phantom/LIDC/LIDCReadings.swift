/// What four readers say of one scan, as the XML of the collection.
struct LIDCReadings {
    let scan: LIDCScan

    private static let readerCount = 4
    private static let names = [
        "subtlety", "internalStructure", "calcification", "sphericity", "margin", "lobulation", "spiculation",
        "texture", "malignancy",
    ]

    var xml: String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <LidcReadMessage uid="1.3.6.1.4.1.14519.5.2.1.6279.6001.1307390687803.0" xmlns="http://www.nih.gov" \
        xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
        xsi:schemaLocation="http://www.nih.gov http://troll.rad.med.umich.edu/lidc/LidcReadMessage.xsd">
        <ResponseHeader>
        <TaskDescription>Second unblinded read</TaskDescription>
        <SeriesInstanceUid>\(scan.seriesUID)</SeriesInstanceUid>
        <StudyInstanceUID>\(scan.studyUID)</StudyInstanceUID>
        </ResponseHeader>
        \((0..<Self.readerCount).map(session).joined())</LidcReadMessage>

        """
    }

    private func session(_ reader: Int) -> String {
        var text = "<readingSession><annotationVersion>3.12</annotationVersion>"
        text += "<servicingRadiologistID>anonymous</servicingRadiologistID>\n"
        for (index, nodule) in scan.stack.nodules.enumerated() {
            // The last reader saw only the first nodule.
            if reader == 3, index == 1 { continue }
            text += read(nodule, index: index, reader: reader)
        }
        text += small(reader)
        text += nonNodule(reader)
        return text + "</readingSession>\n"
    }

    private func read(_ nodule: ChestStack.Nodule, index: Int, reader: Int) -> String {
        // Readers draw up to a pixel and a half wider than the nodule.
        let radius = nodule.radius / scan.stack.spacing.x + 1 + Double(reader) * 0.5
        let reach = Int(nodule.radius / scan.stack.spacing.z)
        let middle = Int(nodule.centre.z)
        var text = "<unblindedReadNodule><noduleID>\(reader)-\(index)</noduleID>\n"
        text += characteristics(index: index, reader: reader)
        for slice in max(0, middle - reach)...min(scan.stack.sliceCount - 1, middle + reach) {
            let step = Double(slice - middle) * scan.stack.spacing.z / nodule.radius
            let own = max(1.5, radius * (1 - step * step).squareRoot())
            text += roi(slice, circle(nodule.centre, radius: own))
            // A hole in the largest nodule, cut out by the second reader.
            if index == 0, reader == 1, slice == middle {
                text += roi(slice, circle(nodule.centre, radius: 2), isInclusion: false)
            }
        }
        // A stray mark of the third reader.
        if index == 0, reader == 2 { text += roi(0, [(10, 10)]) }
        return text + "</unblindedReadNodule>\n"
    }

    private func characteristics(index: Int, reader: Int) -> String {
        var text = "<characteristics>"
        for (place, name) in Self.names.enumerated() {
            // What there is to see, and now and then a reader who says one more.
            let nodule = 7 * scan.number + 5 * index + 3 * place
            var value = 1 + nodule % 3 + ((nodule + 3 * reader) % 5 == 0 ? 1 : 0)
            if name == "malignancy" { value = min(5, 1 + index + reader) }
            // A value that the scale of 1 to 4 does not have.
            if name == "internalStructure", index == 1, reader == 0 { value = 5 }
            text += "<\(name)>\(value)</\(name)>"
        }
        return text + "</characteristics>\n"
    }

    private func roi(_ slice: Int, _ points: [(Int, Int)], isInclusion: Bool = true) -> String {
        let edges = points.map { "<edgeMap><xCoord>\($0.0)</xCoord><yCoord>\($0.1)</yCoord></edgeMap>" }.joined()
        return "<roi><imageZposition>\(scan.z(slice: slice))</imageZposition>"
            + "<imageSOP_UID>\(scan.sopUID(slice: slice))</imageSOP_UID>"
            + "<inclusion>\(isInclusion ? "TRUE" : "FALSE")</inclusion>\(edges)</roi>\n"
    }

    private func small(_ reader: Int) -> String {
        "<unblindedReadNodule><noduleID>small-\(reader)</noduleID>" + roi(2, [(44 + reader, 70)])
            + "</unblindedReadNodule>\n"
    }

    private func nonNodule(_ reader: Int) -> String {
        let slice = 3
        return "<nonNodule><nonNoduleID>none-\(reader)</nonNoduleID>"
            + "<imageZposition>\(scan.z(slice: slice))</imageZposition>"
            + "<imageSOP_UID>\(scan.sopUID(slice: slice))</imageSOP_UID>"
            + "<locus><xCoord>90</xCoord><yCoord>\(60 + reader)</yCoord></locus></nonNodule>\n"
    }

    /// Pixels on a circle, in order, neighbours touching, closed.
    private func circle(_ centre: SIMD3<Double>, radius: Double) -> [(Int, Int)] {
        var points: [(Int, Int)] = []
        let steps = 720
        for step in 0...steps {
            let turns = Float(step % steps) / Float(steps)
            let x = Int((centre.x + radius * Double(Trigonometry.cosine(turns: turns))).rounded())
            let y = Int((centre.y + radius * Double(Trigonometry.sine(turns: turns))).rounded())
            if points.last.map({ $0 != (x, y) }) ?? true { points.append((x, y)) }
        }
        return points
    }

    /// A reading of a chest radiograph, which has its own schema.
    static func radiograph(seed: UInt64) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <IdriReadMessage uid="1.3.6.1.4.1.14519.5.2.1.6279.6001.1307985404487.0" xmlns="http://www.nih.gov/idri">
        <ResponseHeader><TaskDescription>CXR read</TaskDescription>
        <CTSeriesInstanceUid>\(SyntheticUID.make(seed: seed, 1, 2))</CTSeriesInstanceUid></ResponseHeader>
        <CXRreadingSession><unblindedRead><noduleID>Nodule 001</noduleID></unblindedRead></CXRreadingSession>
        </IdriReadMessage>

        """
    }
}
