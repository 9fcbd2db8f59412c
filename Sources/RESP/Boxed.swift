/// A large value in a place of its own, which copies share until one of them changes it.
///
///     @Boxed var configuration = Configuration()
///
/// What holds one is copied with a word for it. Who asks for a part of the value gets that part: both accessors tell where
/// the value is, so nothing else of it is copied, or counted, on the way.
///
/// It is `public` so that other targets specialize it: of a `package` type they call the generic code, which looks its
/// metadata up each time.
@propertyWrapper
public struct Boxed<Value> {
  @usableFromInline var storage: Storage

  @inlinable public init(wrappedValue: Value) { storage = .holding(wrappedValue) }

  @inlinable public init(_ value: Value) { self.init(wrappedValue: value) }

  public var wrappedValue: Value {
    @inlinable @inline(__always) unsafeAddress { unsafe place }
    @inlinable @inline(__always) unsafeMutableAddress { unsafe ownPlace }
  }

  public var value: Value {
    @inlinable @inline(__always) unsafeAddress { unsafe place }
    @inlinable @inline(__always) unsafeMutableAddress { unsafe ownPlace }
  }

  /// Where the value is, for as long as the box is there.
  @inlinable public var place: UnsafePointer<Value> {
    @inline(__always) get { unsafe UnsafePointer(storage.place) }
  }

  /// The same, to change it: nobody else has it.
  @inlinable public var ownPlace: UnsafeMutablePointer<Value> {
    @inline(__always) mutating get {
      if !isKnownUniquelyReferenced(&storage) { storage = .holding(value) }
      return unsafe storage.place
    }
  }

  @inlinable public func isShared(with other: Self) -> Bool { storage === other.storage }

  @usableFromInline final class Storage: ManagedBuffer<Void, Value> {
    @inlinable var place: UnsafeMutablePointer<Value> {
      @inline(__always) get { unsafe withUnsafeMutablePointerToElements { unsafe $0 } }
    }

    @inlinable @inline(never) static func holding(_ value: Value) -> Storage {
      let storage = unsafe unsafeDowncast(Storage.create(minimumCapacity: 1) { _ in }, to: Storage.self)
      unsafe storage.place.initialize(to: value)
      return storage
    }

    @inlinable deinit { _ = unsafe place.deinitialize(count: 1) }
  }
}

/// Nobody changes a value while two boxes have it: that is what makes it safe to send.
extension Boxed: @unchecked Sendable where Value: Sendable {}

extension Boxed: Equatable where Value: Equatable {
  @inlinable public static func == (a: Self, b: Self) -> Bool { a.storage === b.storage || a.value == b.value }
}
