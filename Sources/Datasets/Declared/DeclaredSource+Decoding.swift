internal import Domains
internal import Imaging

extension DeclaredSource: Decodable {
    private enum Key: String, CodingKey, CaseIterable {
        case source, version, description, detect, images, masks, dicom, labels, ignored
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        name = try container.text(.source)
        version = try container.text(.version)
        detections = try container.decode([Detection].self, forKey: .detect)
        images = try container.decodeIfPresent([Images].self, forKey: .images) ?? []
        masks = try container.decodeIfPresent([Masks].self, forKey: .masks) ?? []
        folders = try container.decodeIfPresent([Folder].self, forKey: .dicom) ?? []
        labels = try container.decodeIfPresent([Labels].self, forKey: .labels) ?? []
        ignored = try container.decodeIfPresent([Ignored].self, forKey: .ignored) ?? []
        guard !detections.isEmpty else { throw decoder.invalid("'detect' is empty: nothing would say that it is here") }
        guard !(images.isEmpty && folders.isEmpty && labels.isEmpty) else {
            throw decoder.invalid("it names neither images nor dicom nor labels")
        }
        let names = Set(labels.filter { $0.insteadOf == nil }.map(\.name))
        for name in labels.compactMap(\.insteadOf) where !names.contains(name) {
            throw decoder.invalid("'instead_of' is \(name), and no table of this name stands for itself")
        }
    }
}

extension DeclaredSource.Detection: Decodable {
    private enum Key: String, CodingKey, CaseIterable { case table, columns, folder, names }

    init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        if let table = try container.decodeIfPresent(PathGlob.self, forKey: .table) {
            self = .table(table, columns: try container.decode([String].self, forKey: .columns))
        } else {
            self = .folder(
                try container.decode(String.self, forKey: .folder),
                names: try container.decodeIfPresent(TextPattern.self, forKey: .names))
        }
    }
}

extension DeclaredSource.Images: Decodable {
    enum Key: String, CodingKey, CaseIterable { case files, names, patient, study, series, modality }

    init(from decoder: any Decoder) throws {
        try self.init(try decoder.strictContainer(keyedBy: Key.self))
        try check(decoder)
    }

    /// What a file is called must follow from its name.
    fileprivate func check(_ decoder: any Decoder, of image: TextTemplate? = nil) throws {
        var templates = [("patient", patient), ("study", study), ("series", series)]
        if let image { templates.append(("of", image)) }
        for (key, template) in templates {
            try decoder.check(template, key, of: names)
            guard let column = template.columns.first else { continue }
            throw decoder.invalid("'\(key)' takes a cell, {\(column)}, and files have none")
        }
    }

    private init(_ container: KeyedDecodingContainer<Key>) throws {
        files = try container.decode(PathGlob.self, forKey: .files)
        names = try container.decode(TextPattern.self, forKey: .names)
        patient = try container.decode(TextTemplate.self, forKey: .patient)
        study = try container.decode(TextTemplate.self, forKey: .study)
        series = try container.decode(TextTemplate.self, forKey: .series)
        modality = try container.decodeIfPresent(String.self, forKey: .modality)
    }
}

extension DeclaredSource.Masks: Decodable {
    private enum Key: String, CodingKey, CaseIterable {
        case files, names, patient, study, series, of, reader, regions
    }
    private struct Region: Decodable {
        let target: String
        let values: [Double]?

        enum Key: String, CodingKey, CaseIterable { case target, values }

        init(from decoder: any Decoder) throws {
            let container = try decoder.strictContainer(keyedBy: Key.self)
            target = try container.decode(String.self, forKey: .target)
            values = try container.decodeIfPresent([Double].self, forKey: .values)
            if let values { try check(values, decoder) }
        }

        private func check(_ values: [Double], _ decoder: any Decoder) throws {
            let text = values.map(MaskRule.text).joined(separator: ", ")
            guard !values.isEmpty, values.allSatisfy({ $0.isFinite && $0 == $0.rounded() && $0 != 0 }) else {
                throw decoder.invalid(
                    "'values' of \(target) is [\(text)]; write the whole numbers that its voxels have, 0 being the "
                        + "background, or leave it out for a mask of two levels")
            }
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        images = DeclaredSource.Images(
            files: try container.decode(PathGlob.self, forKey: .files),
            names: try container.decode(TextPattern.self, forKey: .names),
            patient: try container.decode(TextTemplate.self, forKey: .patient),
            study: try container.decode(TextTemplate.self, forKey: .study),
            series: try container.decode(TextTemplate.self, forKey: .series), modality: nil)
        of = try container.decode(TextTemplate.self, forKey: .of)
        try images.check(decoder, of: of)
        let regions = try container.decode([Region].self, forKey: .regions)
        guard !regions.isEmpty else { throw decoder.invalid("a mask has at least one region") }
        var targets: Set<String> = []
        if let twice = regions.first(where: { !targets.insert($0.target).inserted }) {
            throw decoder.invalid(
                "two of its 'regions' have the target '\(twice.target)'; write all values of a target in one region")
        }
        plan = MaskPlan(
            regions: regions.map { region in
                MaskPlan.Region(target: region.target, rule: region.values.map { .values($0.sorted()) })
            }, reader: try container.decode(LabelReader.self, forKey: .reader))
    }
}

extension DeclaredSource.Folder: Decodable {
    private enum Key: String, CodingKey, CaseIterable { case folder, patientPrefix = "patient_prefix" }

    init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        folder = try container.decode(String.self, forKey: .folder)
        patientPrefix = try container.decodeIfPresent(String.self, forKey: .patientPrefix) ?? ""
    }
}

extension DeclaredSource.Labels: Decodable {
    private enum Key: String, CodingKey, CaseIterable {
        case file, name, vocabulary, reader, level, key, patient, issuer, study, series, slice, image, domain, value
        case insteadOf = "instead_of"
    }
    private struct KeyColumn: Decodable {
        let column: String
        let pattern: TextPattern

        enum Key: String, CodingKey, CaseIterable { case column, pattern }

        init(from decoder: any Decoder) throws {
            let container = try decoder.strictContainer(keyedBy: Key.self)
            column = try container.decode(String.self, forKey: .column)
            pattern = try container.decodeIfPresent(TextPattern.self, forKey: .pattern) ?? TextPattern("^(.*)$")
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        file = try container.decode(PathGlob.self, forKey: .file)
        name = try container.text(.name)
        insteadOf = try container.decodeIfPresent(String.self, forKey: .insteadOf)
        vocabulary = try container.text(.vocabulary)
        reader = try container.decode(LabelReader.self, forKey: .reader)
        let key = try container.decode(KeyColumn.self, forKey: .key)
        let domain = try container.decodeIfPresent(TextTemplate.self, forKey: .domain)
        let value = try container.decodeIfPresent(String.self, forKey: .value)
        guard (domain == nil) == (value == nil) else {
            throw decoder.invalid("a long table needs both 'domain' and 'value', a wide one neither")
        }
        let keyed = KeyedRows(
            column: key.column, pattern: key.pattern,
            patient: try container.decodeIfPresent(TextTemplate.self, forKey: .patient),
            issuer: try container.decodeIfPresent(TextTemplate.self, forKey: .issuer),
            study: try container.decodeIfPresent(TextTemplate.self, forKey: .study),
            series: try container.decodeIfPresent(TextTemplate.self, forKey: .series),
            slice: try container.decodeIfPresent(TextTemplate.self, forKey: .slice),
            sopInstanceUID: try container.decodeIfPresent(TextTemplate.self, forKey: .image),
            domain: domain, valueColumn: value)
        let level = try container.decode(LabelLevel.self, forKey: .level)
        try Self.check(keyed, level, decoder)
        try Self.checkGroups(keyed, decoder)
        layout = LabelLayout(level: level, keyed: keyed)
    }

    /// What a row must say so that its subject can be found.
    private static func check(_ keyed: KeyedRows, _ level: LabelLevel, _ decoder: any Decoder) throws {
        switch level {
        case .patient where keyed.patient == nil: throw decoder.invalid("labels of patients need 'patient'")
        case .series where keyed.series == nil: throw decoder.invalid("labels of series need 'series'")
        case .slice where keyed.sopInstanceUID == nil && (keyed.series == nil || keyed.slice == nil):
            throw decoder.invalid("labels of slices need 'image' (SOP Instance UID), or 'series' and 'slice'")
        case .study, .annotation: throw decoder.invalid("labels of tables are about patient, series or slice")
        default: break
        }
    }

    private static func checkGroups(_ keyed: KeyedRows, _ decoder: any Decoder) throws {
        let templates = [
            ("patient", keyed.patient), ("issuer", keyed.issuer), ("study", keyed.study), ("series", keyed.series),
            ("slice", keyed.slice), ("image", keyed.sopInstanceUID), ("domain", keyed.domain),
        ]
        for case (let key, let template?) in templates { try decoder.check(template, key, of: keyed.pattern) }
    }
}

extension DeclaredSource.Ignored: Decodable {
    private enum Key: String, CodingKey, CaseIterable { case files, reason }

    init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        files = try container.decode(PathGlob.self, forKey: .files)
        reason = try container.decode(String.self, forKey: .reason)
    }
}

extension LabelReader: Decodable {
    private enum Key: String, CodingKey, CaseIterable { case key, kind }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        self.init(
            key: try container.text(.key),
            kind: try container.decode(Kind.self, forKey: .kind))
    }
}

extension KeyedDecodingContainer {
    /// A name. **Throws** where nothing stands there: the warehouse has no row without a name.
    fileprivate func text(_ key: Key) throws -> String {
        let text = try decode(String.self, forKey: key)
        guard text.allSatisfy(\.isWhitespace) else { return text }
        throw DecodingError.dataCorruptedError(
            forKey: key, in: self, debugDescription: "'\(key.stringValue)' is empty; write a name behind it")
    }
}

extension Decoder {
    /// **Throws** where a template takes a group that its pattern does not have, so that nothing could be filled in.
    fileprivate func check(_ template: TextTemplate, _ key: String, of pattern: TextPattern) throws {
        guard let number = template.groups.max(), number > pattern.groupCount else { return }
        let count = pattern.groupCount == 1 ? "1 group" : "\(pattern.groupCount) groups"
        throw invalid("'\(key)' takes group $\(number), and the pattern has \(count)")
    }
}
