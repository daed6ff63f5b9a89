package import Imaging

/// Makes Part 10 files: preamble, file meta information, attributes, pixels.
///
/// Attributes may come in any order. The writer adds what follows from the pixels (group 0028, Pixel Data) and
/// Specific Character Set ISO_IR 192 when a text is not ASCII; what the caller gives wins. UIDs are the caller's:
/// SOP Class UID and SOP Instance UID are required.
///
/// **Source** PS3.10 section 7, PS3.5 section 7.
package struct DICOMWriter: Sendable {
    private let transferSyntax: DICOMTransferSyntax

    /// `transferSyntax` is one of the uncompressed ones.
    package init(transferSyntax: DICOMTransferSyntax = .explicitLittleEndian) {
        self.transferSyntax = transferSyntax
    }

    /// The file of a single-frame or multi-frame image, or of an object without pixels.
    ///
    /// All frames have one shape and one type. Text attributes given as `.bytes` are written as they are, in the
    /// character set that the caller declares.
    ///
    /// **Throws** `unwritable` when a value does not fit its value representation, the frames differ, or DCMTK refuses.
    package func file(elements: [DICOMElement], frames: [PixelBuffer] = []) throws(DICOMError) -> [UInt8] {
        var all = try pixelElements(frames)
        if needsCharacterSet(elements) {
            all.append(DICOMElement(tag: .specificCharacterSet, vr: .CS, value: .strings(["ISO_IR 192"])))
        }
        let header = DICOMHeader(elements: all + elements)
        guard header.sopClassUID != nil, header.sopInstanceUID != nil else {
            throw .unwritable(reason: "SOP Class UID or SOP Instance UID is missing; give both")
        }
        var writer = TokenWriter()
        try writer.append(header)
        return try DCMTKFunctions.write(tokens: writer.tokens, syntax: transferSyntax)
    }

    private func needsCharacterSet(_ elements: [DICOMElement]) -> Bool {
        elements.contains { element in
            switch element.value {
            case .strings(let values): values.contains { !$0.utf8.allSatisfy { $0 < 0x80 } }
            case .items(let items): items.contains { needsCharacterSet($0.elements) }
            default: false
            }
        }
    }

    private func pixelElements(_ frames: [PixelBuffer]) throws(DICOMError) -> [DICOMElement] {
        guard let first = frames.first else { return [] }
        let isUniform = frames.allSatisfy {
            $0.type == first.type && $0.rows == first.rows && $0.columns == first.columns
                && $0.samplesPerPixel == first.samplesPerPixel
        }
        guard isUniform, first.rows <= 0xFFFF, first.columns <= 0xFFFF else {
            throw .unwritable(reason: "its frames differ in shape or type, or a side exceeds 65535")
        }
        let bits = first.type.byteCount * 8
        // Readers disagree on the order of the two words of a big-endian 32-bit sample.
        guard bits <= 16 || first.type.isFloatingPoint || transferSyntax != .explicitBigEndian else {
            throw .unwritable(reason: "32-bit integer pixels have no agreed big-endian form; use little-endian")
        }
        var elements: [DICOMElement] = [
            .unsigned(.samplesPerPixel, first.samplesPerPixel),
            DICOMElement(
                tag: .photometricInterpretation, vr: .CS,
                value: .strings([first.samplesPerPixel == 1 ? "MONOCHROME2" : "RGB"])),
            .unsigned(.rows, first.rows), .unsigned(.columns, first.columns), .unsigned(.bitsAllocated, bits),
        ]
        if first.samplesPerPixel > 1 { elements.append(.unsigned(.planarConfiguration, 0)) }
        if frames.count > 1 {
            elements.append(DICOMElement(tag: .numberOfFrames, vr: .IS, value: .strings(["\(frames.count)"])))
        }
        return elements + integerElements(first.type) + [pixelData(frames, type: first.type)]
    }

    /// Bits Stored and its companions belong to integer pixels only (PS3.3 C.7.6.24).
    private func integerElements(_ type: PixelType) -> [DICOMElement] {
        guard !type.isFloatingPoint else { return [] }
        let bits = type.byteCount * 8
        let isSigned = [.i8, .i16, .i32].contains(type)
        return [
            .unsigned(.bitsStored, bits), .unsigned(.highBit, bits - 1),
            .unsigned(.pixelRepresentation, isSigned ? 1 : 0),
        ]
    }

    private func pixelData(_ frames: [PixelBuffer], type: PixelType) -> DICOMElement {
        var bytes = frames.count == 1 ? frames[0].bytes : frames.flatMap { $0.bytes }
        if !bytes.count.isMultiple(of: 2) { bytes.append(0) }
        switch type {
        case .f32: return DICOMElement(tag: .floatPixelData, vr: .OF, value: .bytes(bytes))
        case .f64: return DICOMElement(tag: .doubleFloatPixelData, vr: .OD, value: .bytes(bytes))
        case .u8, .i8: return DICOMElement(tag: .pixelData, vr: .OB, value: .bytes(bytes))
        default: return DICOMElement(tag: .pixelData, vr: .OW, value: .bytes(bytes))
        }
    }
}

extension DICOMElement {
    fileprivate static func unsigned(_ tag: DICOMTag, _ value: Int) -> DICOMElement {
        DICOMElement(tag: tag, vr: .US, value: .unsigned([UInt64(value)]))
    }
}
