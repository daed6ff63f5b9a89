internal import CanonicalJSON

/// The members of one object of a recipe, read one by one; what nobody asked for is refused by name.
struct RecipeMembers {
    /// Where the object stands, such as `step 2 (resize)`.
    let place: String
    private var members: [String: JSONValue]

    init(_ value: JSONValue, place: String) throws(ImagingError) {
        guard case .object(let members) = value else {
            throw .invalidRecipe(reason: "\(place) must be an object")
        }
        self.place = place
        self.members = members
    }

    /// Absent and null are alike.
    mutating func take(_ key: String) -> JSONValue? {
        let value = members.removeValue(forKey: key)
        return value == .null ? nil : value
    }

    mutating func number(_ key: String) throws(ImagingError) -> Double? {
        guard let value = take(key) else { return nil }
        guard let number = value.number, number.isFinite else { throw wrong(key, "a number") }
        return number
    }

    mutating func required<T>(
        _ key: String, _ read: (inout RecipeMembers, String) throws(ImagingError) -> T?
    ) throws(ImagingError) -> T {
        guard let value = try read(&self, key) else {
            throw .invalidRecipe(reason: "\(place) needs \(key)")
        }
        return value
    }

    /// Two numbers.
    mutating func pair(_ key: String) throws(ImagingError) -> (Double, Double)? {
        guard let value = take(key) else { return nil }
        guard let numbers = value.array?.compactMap(\.number), numbers.count == 2, value.array?.count == 2 else {
            throw wrong(key, "two numbers")
        }
        return (numbers[0], numbers[1])
    }

    /// Two numbers, the first the smaller.
    mutating func range(_ key: String) throws(ImagingError) -> ClosedRange<Double>? {
        guard let (low, high) = try pair(key) else { return nil }
        guard low < high else { throw wrong(key, "two numbers, the first the smaller") }
        return low...high
    }

    /// Two numbers that may be equal, or one number x for -x...x where that makes sense.
    mutating func spread(_ key: String, mirrored: Bool = false) throws(ImagingError) -> ClosedRange<Double>? {
        guard let value = members[key], value != .null else { return nil }
        if mirrored, let number = value.number {
            members[key] = nil
            guard number >= 0 else { throw wrong(key, "a number that is not negative, or two numbers") }
            return -number...number
        }
        guard let (low, high) = try pair(key) else { return nil }
        guard low <= high else { throw wrong(key, "two numbers, the first not greater than the second") }
        return low...high
    }

    /// One of the names of a type.
    mutating func name<T: RawRepresentable & CaseIterable>(
        _ key: String, of type: T.Type
    ) throws(ImagingError) -> T? where T.RawValue == String {
        guard let value = take(key) else { return nil }
        guard let text = value.string, let known = T(rawValue: text) else {
            throw wrong(key, "one of " + T.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return known
    }

    /// Two numbers (rows, columns) or three (slices, rows, columns), all positive.
    mutating func sides(_ key: String) throws(ImagingError) -> [Double]? {
        guard let value = take(key) else { return nil }
        let numbers = value.array?.compactMap(\.number) ?? []
        guard numbers.count == value.array?.count, numbers.count == 2 || numbers.count == 3,
            numbers.allSatisfy({ $0 > 0 && $0.isFinite })
        else { throw wrong(key, "[rows, columns] or [slices, rows, columns], all positive") }
        return numbers
    }

    /// To be called when all known members are taken.
    func finish() throws(ImagingError) {
        guard let unknown = members.keys.min() else { return }
        throw .invalidRecipe(reason: "\(place) has an unknown member \(JSONValue.quoted(unknown))")
    }

    func wrong(_ key: String, _ expected: String) -> ImagingError {
        .invalidRecipe(reason: "\(key) of \(place) must be \(expected)")
    }
}
