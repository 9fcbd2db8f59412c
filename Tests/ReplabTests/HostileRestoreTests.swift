import Foundation
import Hostile
import Testing

/// Whatever is given to RESTORE, the node refuses it or has a whole value.
@Suite("RESTORE of bytes that nobody means well") struct HostileRestoreTests {
  /// A value of each layout, with what RESTORE is told before it, as the fuzzer has them.
  private static func examples() throws -> [(name: String, bytes: [UInt8])] {
    let folder = Program.root + "/Fuzz/corpus/restore"
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
      (name, Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))))
    }
  }

  @Test("takes a value of each layout that Redis 7.0 knows, and can read, change, dump and restore it")
  func wholeValues() throws {
    let examples = try Self.examples()
    #expect(examples.count >= 28)
    for (name, bytes) in examples {
      var restoring = HostileRestore()
      restoring.play(bytes)
      #expect(restoring.broken == [], "\(name)")
    }
  }

  @Test("refuses what is damaged, or has a value of it", arguments: 0..<2)
  func mutations(seed: UInt64) throws {
    var choices = Choices(seed: seed)
    for (name, bytes) in try Self.examples() {
      for _ in 0..<12 {
        let mutated = HostileRestore.mutation(of: bytes, &choices)
        var restoring = HostileRestore()
        restoring.play(mutated)
        #expect(restoring.broken == [], "\(name): \(mutated)")
      }
    }
  }
}
