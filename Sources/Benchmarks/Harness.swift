import Glibc
import RealRedis

/// Seconds of processor time that something took, in this process or in another.
typealias Seconds = Double

/// Seconds of processor time that this process has used.
func processorTime() -> Seconds {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Seconds(time.tv_sec) + Seconds(time.tv_nsec) / 1e9
}

/// Seconds of processor time that all ended children of this process have used.
func childrensProcessorTime() -> Seconds {
  var usage = rusage()
  getrusage(RUSAGE_CHILDREN.rawValue, &usage)
  return Seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
    + Seconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
}

/// Seconds on the wall, from some moment on.
func wallTime() -> Seconds {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Seconds(time.tv_sec) + Seconds(time.tv_nsec) / 1e9
}

/// The processor time of `work`, in seconds.
func measure(_ work: () throws -> Void) rethrows -> Seconds {
  let start = processorTime()
  try work()
  return processorTime() - start
}

extension [Double] {
  var median: Double {
    let sorted = sorted()
    guard let middle = sorted.dropFirst(count / 2).first else { return .nan }
    return count.isMultiple(of: 2) ? (middle + sorted[count / 2 - 1]) / 2 : middle
  }
}

/// What this program prints, as numbers, when it is run again as another one: `verb` says as which. Its memory is its own.
func figures(_ verb: String, _ argument: String) throws -> [Double] {
  let (status, output) = try runProgram("/proc/self/exe", [verb, argument])
  precondition(status == 0)
  return output.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
}

/// A line of the table.
struct Row {
  var what: String
  var ours: String
  var peer = ""
  var ratio = ""
  var goal = ""
}

/// Measures both sides in turns, so that what slows the machine down slows both, and compares each turn's pair.
///
/// - Parameters:
///   - goal: what the median of ours divided by the peer's is meant to be.
///   - rate: turns seconds into what is printed.
func contest(
  _ what: String, rounds: Int, goal: String, rate: (Seconds) -> String, ours: () throws -> Seconds,
  peer: () throws -> Seconds
) rethrows -> Row {
  _ = try ours()
  _ = try peer()
  var pairs: [(ours: Seconds, peer: Seconds)] = []
  for round in 0..<rounds {
    // Whoever goes second may find the other's heat or dirt: take turns.
    if round.isMultiple(of: 2) {
      let first = try ours()
      pairs.append((first, try peer()))
    } else {
      let first = try peer()
      pairs.append((try ours(), first))
    }
  }
  let ratio = pairs.map { $0.ours / $0.peer }.median
  return Row(
    what: what, ours: rate(pairs.map(\.ours).median), peer: rate(pairs.map(\.peer).median),
    ratio: ratio.formatted(ratio < 0.1 ? 3 : 2), goal: goal)
}

extension Double {
  /// Decimal digits after the point, rounded.
  func formatted(_ digits: Int) -> String {
    guard isFinite else { return "–" }
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    let number = Int((magnitude * scale).rounded())
    let whole = "\(number / Int(scale))"
    guard digits > 0 else { return (self < 0 ? "-" : "") + whole }
    let part = "\(number % Int(scale))"
    return (self < 0 ? "-" : "") + whole + "." + String(repeating: "0", count: digits - part.count) + part
  }
}

func milliseconds(_ seconds: Seconds) -> String { (seconds * 1000).formatted(seconds < 0.1 ? 1 : 0) + " ms" }

/// Prints rows with their columns in line.
func printTable(_ rows: [Row]) {
  let columns: [(String, (Row) -> String)] = [
    ("", { $0.what }), ("replab", { $0.ours }), ("peer", { $0.peer }), ("ratio", { $0.ratio }), ("goal", { $0.goal }),
  ]
  let widths = columns.map { name, text in ([name] + rows.map(text)).map(\.count).max() ?? 0 }
  func line(_ cells: [String]) {
    let padded = zip(cells, widths).map { $0 + String(repeating: " ", count: max(0, $1 - $0.count)) }
    print(padded.joined(separator: "  "))
  }
  line(columns.map(\.0))
  for row in rows { line(columns.map { $0.1(row) }) }
}
