import LineEdit
import Views

/// `repeat N LINE`: a line many times, to fill a backlog. What it prints the first time and the last is shown.
extension Session {
  private static let mostRepetitions = 1_000_000

  mutating func repeatLine(_ arguments: Arguments) throws {
    _ = try arguments.required(0, "a number and a line")
    let count = try arguments.number(0, or: 1)
    let most = Self.mostRepetitions
    guard count <= most else {
      throw Complaint.usage(
        "repeat does a line \(Excerpt.grouped(most)) times at most", column: arguments.words[0].column)
    }
    let begin = try arguments.required(1, "a line to repeat")
    // A file that is read within a repeat may hold another one.
    guard !isRepeating, Verb.exactly(begin.text)?.name != "repeat" else {
      throw Complaint.usage("a repeat cannot stand within another one", advice: "`{i}` is the number of the round.")
    }
    let line = String(decoding: arguments.line.utf8.dropFirst(begin.column - 1), as: UTF8.self)
    isRepeating = true
    defer { isRepeating = false }
    var rounds = Rounds(count: count)
    let screen = output
    var progress = progressLine
    defer { output = screen }
    for round in 1...count where !isOver {
      let text = line.replacing("{i}", with: String(round))
      if isJSON {
        try perform(text)
      } else {
        let paper = Output()
        output = paper
        do { try perform(text) } catch {
          progress.clear()
          throw told(error, rounds, round, paper, to: screen)
        }
        rounds.note(paper.kept, round)
      }
      if Interrupt.requested { break }
      progress.tell("\(round) of \(count) rounds, \(timeline.world.now.clockText)")
    }
    progress.clear()
    output = screen
    if !isJSON { tell(rounds) }
  }

  /// What was printed in a row of rounds.
  private struct Rounds {
    let count: Int
    var done = 0
    var first: [UInt8] = []
    var last: [UInt8] = []
    var areAllTheSame = true

    mutating func note(_ printed: [UInt8], _ round: Int) {
      done = round
      if round == 1 { first = printed } else if printed != first { areAllTheSame = false }
      last = printed
    }
  }

  private func tell(_ rounds: Rounds) {
    output.write(rounds.first)
    guard rounds.done > 1 else { return }
    if rounds.areAllTheSame {
      // What prints nothing is not counted either.
      if !rounds.first.isEmpty { show([Line("… \(Excerpt.grouped(rounds.done)) times the same", .dim)]) }
    } else {
      if rounds.done > 2 { show([Line("… \(Excerpt.grouped(rounds.done - 2)) more", .dim)]) }
      output.write(rounds.last)
    }
  }

  /// Shows what came before a round that failed; which one that was.
  private mutating func told(
    _ error: any Error, _ rounds: Rounds, _ round: Int, _ printed: Output, to screen: Output
  ) -> any Error {
    output = screen
    tell(rounds)
    screen.write(printed.kept)
    guard var complaint = error as? Complaint, rounds.count > 1 else { return error }
    complaint.what = "round \(round) of \(rounds.count): \(complaint.what)"
    // Columns count within the line that is repeated, as it is in this round.
    complaint.column = nil
    return complaint
  }
}
