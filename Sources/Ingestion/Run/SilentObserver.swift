/// Hears nothing.
struct SilentObserver: IngestObserver {
    func progress(_ phase: IngestPhase, done: Int, total: Int?) {}
    func notice(_ sentence: String) {}
}
