import ArgumentParser
import Imaging

/// A window as a user types it: `40,80`, centre and width; `40/80` as well, since radiologists write it so.
struct WindowText {
    private let text: String

    init(_ text: String) { self.text = text }

    func level() throws -> WindowLevel {
        let numbers = text.filter { $0 != " " }.split(omittingEmptySubsequences: false) { $0 == "," || $0 == "/" }
            .map { Double($0) }
        guard numbers.count == 2, let center = numbers[0], let width = numbers[1],
            let level = try? WindowLevel(center: center, width: width)
        else { throw ValidationError("--window \(text): write centre,width, such as 40,80.") }
        return level
    }
}
