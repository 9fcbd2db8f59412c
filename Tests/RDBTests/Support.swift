import Foundation
import RDB
import TestSupport

/// The bytes of a file in `Fixtures`.
func fixture(_ name: String) -> [UInt8] {
  let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
  return Array(FileManager.default.contents(atPath: "\(folder)/Fixtures/\(name)") ?? Data())
}

extension [UInt8] {
  /// The bytes of a text.
  init(_ text: String) { self = Array(text.utf8) }

  /// The bytes that a text of hexadecimal digits and blanks spells.
  init(hex text: String) {
    let digits = text.utf8.compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
    self = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  /// What it says, with a byte order of its own: 0 to `limit - 1`, the same at each run.
  static func noise(_ count: Int, below limit: UInt64 = 256, seed: UInt64) -> [UInt8] {
    var random = TestRandom(seed: seed)
    return (0..<count).map { _ in UInt8(random.next() % limit) }
  }
}

/// Everything that a reader returns for `bytes` fed whole.
func events(_ bytes: [UInt8]) throws -> [Event] { try events([bytes]) }

/// Everything that a reader returns for pieces, each read as far as it goes before the next comes.
func events(_ pieces: [[UInt8]], recordsFields: Bool = false) throws -> [Event] {
  var reader = Reader(recordsFields: recordsFields)
  var events: [Event] = []
  for piece in pieces {
    reader.feed(piece)
    while let event = try reader.next() { events.append(event) }
  }
  try reader.finish()
  return events
}

extension Reader {
  /// The next record with a key and string that were shown put together again.
  mutating func nextShown() throws(RDBError) -> Event? {
    var entry = Entry(key: [], value: .string([]))
    let record = try next { key, string in
      entry.key = key.indices.map { key[$0] }
      entry.value = .string(string.indices.map { string[$0] })
    }
    switch record {
    case .string(let attributes)?:
      entry.attributes = attributes
      return .entry(entry)
    case .event(let event)?: return event
    case nil: return nil
    }
  }
}

/// Writes what a reader returned.
func rewritten(_ events: [Event], compresses: Bool = true) -> [UInt8] {
  var writer = Writer(compresses: compresses)
  for event in events {
    switch event {
    case .header(let version): writer.header(version: version)
    case .aux(let name, let value): writer.aux(name, value)
    case .selectDatabase(let number): writer.selectDatabase(number)
    case .resize(let keys, let expires): writer.resize(keys: keys, expires: expires)
    case .entry(let entry): writer.entry(entry)
    case .function(let code): writer.function(code)
    case .end: writer.end()
    case .slotInfo, .slotImport, .moduleAux: break
    }
  }
  return writer.take()
}

/// A snapshot of version 10 around `body`, with its checksum.
func snapshot(_ body: [UInt8]) -> [UInt8] {
  var bytes = [UInt8]("REDIS0010") + body + [0xff]
  let checksum = CRC64.checksum(bytes)
  for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(checksum >> shift & 0xff)) }
  return bytes
}

/// What a snapshot around `body` holds between header and end.
func body(_ body: [UInt8]) throws -> [Event] { try Array(events(snapshot(body)).dropFirst().dropLast()) }
