// What happens to bytes on their way into a recording.
extension Topic {
  static let recordings: [Topic] = [
    Topic(
      name: "retransmission", others: ["overlap", "out-of-order", "dup"],
      text: """
        TCP sends again what nobody has acknowledged, and packets may arrive in another order. A replica never sees that:
        its kernel hands it the bytes in order, each once. So the dissection does, too, and remarks on a segment that
        came twice, in part or too early.
        """, see: ["hole", "stream"]),
    Topic(
      name: "restored", others: ["inferred", "dots", "filling"],
      text: """
        Text of tcpdump -A has a dot for every byte that can't be printed. A byte is inferred where the format or the
        protocol leaves nothing else, and restored where the snapshot's checksum says what it is. Where several fillings
        satisfy the checksum that is told; what stays unknown is shown as ··, and nothing is said of its value.
        """, see: ["checksum", "hole"]),
  ]
}
