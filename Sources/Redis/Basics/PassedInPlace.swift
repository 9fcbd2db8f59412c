/// A field that has whatever holds it passed by where it is.
///
/// Of a struct that is made of what the compiler can see through, a call of a method that changes nothing gets a copy, byte
/// by byte: of a node these are thousands of bytes, several times in each command. A field whose type is known only when the
/// program runs leaves the compiler no way but to pass the address. Nothing is ever kept in it.
struct PassedInPlace: Equatable, Sendable {
  private var unseen: (any Sendable)?

  static func == (a: Self, b: Self) -> Bool { true }
}
