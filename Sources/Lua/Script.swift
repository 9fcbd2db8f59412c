import CLua

/// A run of a script or of a function, on an interpreter of its own that holds nothing before or after it.
///
/// There is one interpreter for the process, at the same place in memory each time, so that what depends on addresses is the
/// same in every run; whoever comes while it runs waits.
package struct Script: Sendable {
  package enum Purpose: Sendable {
    /// Only sees whether it is one.
    case compile
    /// With KEYS and ARGV.
    case eval
    /// The code is a library, which registers its functions.
    case load
    /// The code is a library, of which this function is called.
    case call(function: [UInt8])
  }

  package var purpose: Purpose
  package var code: [UInt8]
  /// What KEYS has, then what ARGV has.
  package var strings: PackedStrings
  package var keyCount: Int
  /// What math.random goes on from: 48 bits.
  package var random: UInt64

  package init(
    _ purpose: Purpose, _ code: [UInt8], strings: PackedStrings = PackedStrings(), keyCount: Int = 0, random: UInt64 = 0
  ) {
    self.purpose = purpose
    self.code = code
    self.strings = strings
    self.keyCount = keyCount
    self.random = random
  }
}

/// Strings of bytes one behind the other in one piece of memory.
package struct PackedStrings: Sendable {
  private(set) var bytes: [UInt8] = []
  /// Where each of them ends.
  private(set) var ends: [Int] = []

  package init() {}

  /// - Parameter size: how many bytes the strings will have together.
  package init(count: Int, size: Int) {
    bytes.reserveCapacity(size)
    ends.reserveCapacity(count)
  }

  package mutating func append(_ string: Span<UInt8>) {
    string.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    ends.append(bytes.count)
  }
}

/// What a script asks of whoever runs it, and tells.
package enum ScriptQuestion {
  /// redis.call and redis.pcall.
  case call(ScriptWords)
  /// redis.acl_check_cmd.
  case mayCall(ScriptWords)
  case log(level: Int, [UInt8])
  case setRESP(Int)
  /// redis.set_repl: 1 is the append-only file, 2 the replicas.
  case setReplication(Int)
  case sha1([UInt8])
  /// It has run so many instructions, and is in this line; 0: in none that it knows.
  case ran(Int64, line: Int)
  /// redis.register_function; each bit of the flags is one of `FunctionFlags`.
  case register(name: [UInt8], description: [UInt8]?, flags: Int)
  /// A part of what it returns.
  case value(ScriptValue)
  case end(ScriptEnd)
}

/// The words of a command where Lua has them: there until the question is answered.
package struct ScriptWords {
  let words: UnsafeBufferPointer<clua_bytes>

  package var count: Int { words.count }

  package func forEach(_ body: (Span<UInt8>) -> Void) {
    for word in words {
      body(UnsafeRawBufferPointer(start: word.bytes, count: word.count).assumingMemoryBound(to: UInt8.self).span)
    }
  }
}

/// What a script returns, outermost first: what a map, a set or an array holds follows it.
package enum ScriptValue: Equatable, Sendable {
  case null
  case bulk([UInt8])
  case integer(Int64)
  case boolean(Bool)
  case status([UInt8])
  case error([UInt8], isCounted: Bool)
  case double(Double)
  case bigNumber([UInt8])
  case verbatim([UInt8], format: [UInt8])
  case map(Int)
  case set(Int)
  case array(Int)
}

/// How a script ends that returns nothing.
package enum ScriptEnd: Equatable, Sendable {
  /// It is none, says the compiler.
  case notCompiled([UInt8])
  case failed([UInt8], source: [UInt8]?, line: [UInt8]?, isCounted: Bool)
  /// With something else than an error of Redis's form.
  case failedPlainly([UInt8])
  case noSuchFunction
}

package enum ScriptAnswer: Sendable {
  case none
  case bytes([UInt8])
  /// With the reason.
  case refused([UInt8])
  case allowed(Bool)
  case noSuchCommand
  case end(ScriptStop)
}

/// Why a script may not go on.
package enum ScriptStop: Int32, Sendable {
  case killed = 1
  case loadTimeout = 2
  /// Whatever it says from here on is of no interest.
  case abandoned = 3
}
