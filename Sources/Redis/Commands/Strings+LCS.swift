/// LCS: the longest common subsequence of two strings, its length, or where in both it lies.
extension Node {
  private struct LCSOptions {
    var lengthOnly = false
    var positions = false
    var withMatchLength = false
    var least: Int64 = 0
  }

  /// LCS (`lcsCommand` in t_string.c).
  mutating func lcs(_ call: inout Call) {
    var strings: [[UInt8]] = []
    for position in 1...2 {
      switch read(call.arguments[position], in: call.database) {
      case nil: strings.append([])
      case .string(let string): strings.append(string.bytes.array)
      default: return call.reply.error("ERR The specified keys must contain string values")
      }
    }
    guard let options = readLCSOptions(&call) else { return }
    let (a, b) = (strings[0], strings[1])
    let (cells, overflow) = (a.count + 1).multipliedReportingOverflow(by: b.count + 1)
    guard !overflow, Int64(cells) <= configuration.protoMaxBulkLen / 4 else {
      return call.reply.error("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")
    }
    let table = lcsTable(a, b, cells)
    if options.lengthOnly { return call.reply.integer(Int64(table[cells - 1])) }
    let (common, ranges) = lcsWalk(a, b, table)
    guard options.positions else { return call.reply.bulk(common) }
    let shown = ranges.filter { $0.count >= options.least }
    call.reply.map(2)
    call.reply.bulk("matches")
    call.reply.array(shown.count)
    for range in shown {
      call.reply.array(options.withMatchLength ? 3 : 2)
      for start in [range.a, range.b] {
        call.reply.array(2)
        call.reply.integer(start)
        call.reply.integer(start + range.count - 1)
      }
      if options.withMatchLength { call.reply.integer(range.count) }
    }
    call.reply.bulk("len")
    call.reply.integer(Int64(table[cells - 1]))
  }

  private func readLCSOptions(_ call: inout Call) -> LCSOptions? {
    var options = LCSOptions()
    var position = 3
    while position < call.arguments.count {
      let option = call.arguments[position]
      if option.matches("IDX") {
        options.positions = true
      } else if option.matches("LEN") {
        options.lengthOnly = true
      } else if option.matches("WITHMATCHLEN") {
        options.withMatchLength = true
      } else if option.matches("MINMATCHLEN"), position + 1 < call.arguments.count {
        position += 1
        guard let least = call.integer(at: position) else { return nil }
        options.least = max(0, least)
      } else {
        call.syntaxError()
        return nil
      }
      position += 1
    }
    guard !options.lengthOnly || !options.positions else {
      call.reply.error("ERR If you want both the length and indexes, please just use IDX.")
      return nil
    }
    return options
  }

  /// The length of the longest common subsequence of the first i and the first j bytes, at i * (b.count + 1) + j.
  private func lcsTable(_ a: [UInt8], _ b: [UInt8], _ cells: Int) -> [UInt32] {
    var table = [UInt32](repeating: 0, count: cells)
    let width = b.count + 1
    for i in 0..<a.count {
      for j in 0..<b.count {
        let cell = (i + 1) * width + j + 1
        table[cell] = a[i] == b[j] ? table[cell - width - 1] + 1 : max(table[cell - width], table[cell - 1])
      }
    }
    return table
  }

  /// Walks back from the end; the ranges are those that Redis finds, in its order, from the last to the first.
  private func lcsWalk(
    _ a: [UInt8], _ b: [UInt8], _ table: [UInt32]
  ) -> (common: [UInt8], ranges: [(a: Int, b: Int, count: Int)]) {
    var common: [UInt8] = []
    var ranges: [(a: Int, b: Int, count: Int)] = []
    var open: (a: Int, b: Int, count: Int)?
    func close() {
      if let range = open { ranges.append(range) }
      open = nil
    }
    var (i, j) = (a.count, b.count)
    while i > 0, j > 0 {
      if a[i - 1] == b[j - 1] {
        common.append(a[i - 1])
        if let range = open, range.a == i, range.b == j {
          open = (i - 1, j - 1, range.count + 1)
        } else {
          close()
          open = (i - 1, j - 1, 1)
        }
        i -= 1
        j -= 1
      } else {
        if table[(i - 1) * (b.count + 1) + j] > table[i * (b.count + 1) + j - 1] { i -= 1 } else { j -= 1 }
        close()
      }
    }
    close()
    return (common.reversed(), ranges)
  }
}
