/// How Swift objects pass the C border: retained on the way out, used without changing their count, released once.
enum Handle {
    static func out(_ object: AnyObject) -> UnsafeMutableRawPointer {
        unsafe Unmanaged.passRetained(object).toOpaque()
    }

    static func use<T: AnyObject>(_ raw: UnsafeMutableRawPointer, as type: T.Type) -> T {
        unsafe Unmanaged<T>.fromOpaque(raw).takeUnretainedValue()
    }

    static func release<T: AnyObject>(_ raw: UnsafeMutableRawPointer, as type: T.Type) -> T {
        unsafe Unmanaged<T>.fromOpaque(raw).takeRetainedValue()
    }
}
