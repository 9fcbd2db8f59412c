import LibFuzzer
import RDB

/// A snapshot's bytes give the same, whole or in pieces, with fields or without; the fields tile them; and what they say
/// is said again by what the writer makes of it.
@main struct FuzzRDB {
  static func main() {
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    _ = runFuzzer(&count, &arguments) { pointer, count in
      let input = Input(pointer, count)
      let whole = FuzzRDB.outcome([input.bytes], recordsFields: false)
      let pieces = FuzzRDB.outcome(input.pieces, recordsFields: true)
      check(whole.events == pieces.events && whole.error == pieces.error, "pieces matter")
      FuzzRDB.checkRewriting(whole.events)
      return 0
    }
  }

  static func outcome(_ pieces: [[UInt8]], recordsFields: Bool) -> (events: [Event], error: RDBError?) {
    // Few inputs have the right checksum: what comes after it would hardly be seen.
    var reader = Reader(recordsFields: recordsFields, newestVersion: Reader.everyVersion, verifiesChecksum: false)
    var events: [Event] = []
    do throws(RDBError) {
      for piece in pieces {
        reader.feed(piece)
        while let event = try reader.next() {
          events.append(event)
          checkTiling(reader.fields, upTo: reader.position)
        }
      }
      try reader.finish()
    } catch {
      checkTiling(reader.fields, upTo: reader.fed)
      return (events, error)
    }
    return (events, nil)
  }

  static func checkTiling(_ tree: FieldTree, upTo end: Int) {
    guard let range = tree.range else { return }
    check(range.upperBound == end, "the fields end elsewhere")
    func fill(_ indices: [Int], _ range: Range<Int>) {
      var next = range.lowerBound
      for index in indices {
        let field = tree.fields[index]
        check(field.offset == next, "a gap or an overlap")
        let children = tree.children(of: index)
        if !children.isEmpty { fill(children, field.range) }
        next = field.range.upperBound
      }
      check(next == range.upperBound, "not filled")
    }
    fill(tree.roots, range)
  }

  /// What a value holds can be told, and its bytes by themselves are the same value.
  static func checkValue(_ entry: Entry) {
    guard case .encoded(let value) = entry.value else { return }
    check(value.contents.kind == value.type.kind, "holds something else")
    do { check(try EncodedValue(value.type, value.bytes) == value, "another value") } catch { check(false, "\(error)") }
    var digest = Digest()
    digest.add(value.contents, expires: entry.attributes.expiry != nil)
  }

  static func checkRewriting(_ events: [Event]) {
    var writer = Writer()
    // A value's type is not the same in both.
    var version = 12
    if case .header(Reader.everyVersion)? = events.first { version = Reader.everyVersion }
    var expected: [Event] = [.header(version: version)]
    writer.header(version: version)
    for event in events {
      switch event {
      case .aux(let name, let value): writer.aux(name, value)
      case .selectDatabase(let number): writer.selectDatabase(number)
      case .resize(let keys, let expires): writer.resize(keys: keys, expires: expires)
      case .entry(let entry):
        checkValue(entry)
        writer.entry(entry)
      case .function(let code): writer.function(code)
      case .header, .slotInfo, .slotImport, .moduleAux, .end: continue
      }
      expected.append(event)
    }
    writer.end()
    var reader = Reader(newestVersion: Reader.everyVersion)
    reader.feed(writer.take())
    var again: [Event] = []
    do {
      while let event = try reader.next() { again.append(event) }
    } catch { check(false, "\(error)") }
    if case .end(.verified)? = again.last { again.removeLast() }
    check(again == expected, "read otherwise than written: \(again) instead of \(expected)")
  }
}
