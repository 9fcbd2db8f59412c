import RDB

/// What a key holds.
package enum Value: Equatable, Sendable {
  case string(StringValue)
  /// Anything that is no string: it came with a snapshot, and is kept and passed on as it came.
  indirect case encoded(EncodedValue)

  /// What `TYPE` says (`getObjectTypeName` in db.c).
  package var typeName: String {
    switch self {
    case .string: "string"
    case .encoded(let value): value.type.kind.name
    }
  }
}

extension Value {
  /// What COPY puts at the other key.
  var copied: Value {
    switch self {
    case .string(let string):
      .string(StringValue(string.bytes, encoding: string.encoding == .int ? .ownInt : string.encoding))
    case .encoded: self
    }
  }
}

/// A string and how Redis would keep it, which `OBJECT ENCODING` shows.
package struct StringValue: Equatable, Sendable {
  package enum Encoding: Sendable {
    case int
    /// An integer that COPY made, which is none of those that Redis shares.
    case ownInt
    case embstr
    case raw

    package var name: String {
      switch self {
      case .int, .ownInt: "int"
      case .embstr: "embstr"
      case .raw: "raw"
      }
    }
  }

  package var bytes: Bytes
  package var encoding: Encoding

  package init(_ bytes: Bytes, encoding: Encoding) {
    self.bytes = bytes
    self.encoding = encoding
  }

  /// As `SET` keeps it: an integer if it is one, embedded up to 44 bytes, else by itself.
  package init(_ bytes: Bytes) {
    if bytes.count <= 20, Integer.parse(bytes) != nil {
      self.init(bytes, encoding: .int)
    } else {
      self.init(bytes, encoding: bytes.count <= 44 ? .embstr : .raw)
    }
  }
}
