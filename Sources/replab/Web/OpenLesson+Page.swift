import Lessons
import WebPage
import Views

extension OpenLesson {
  /// The lesson as it stands beside the picture: the part one is at, and what is wanted.
  var json: JSON {
    let parts = run.lesson.parts
    let part = parts.indices.contains(run.part) ? parts[run.part] : parts.last
    func lines(_ text: String) -> JSON {
      .array(text.split(separator: "\n", omittingEmptySubsequences: false).map { .string(String($0)) })
    }
    let want: JSON =
      switch run.want {
      case .command(let command): .object([("kind", .string("command")), ("text", .string(command.text))])
      case .question(let question):
        .object([
          ("kind", .string("question")), ("question", .string(question.kind.rawValue)), ("text", lines(question.text)),
          ("options", .array(question.options.map { .string($0) })),
        ])
      case .nothing:
        .object(
          [("kind", .string("done"))]
            + (next.map { [("next", .object([("name", .string($0.name)), ("title", .string($0.title ?? $0.name))]))] }
              ?? []))
      }
    return .object([
      ("name", .string(name)), ("title", .string(run.lesson.title)), ("part", .number(run.part)),
      ("parts", .number(parts.count)), ("prose", .array((part?.prose ?? []).map { .string($0) })), ("want", want),
    ])
  }
}
