// What a server refuses to start with, though each directive by itself may be (main, initServer and tlsConfigure in Redis
// 7.0). A node's machine has neither certificates nor modules, so these come to naught there as on any such machine.

extension Node {
  /// Why a process that is to speak TLS ends, in the words of its log; nil if it goes on.
  var certificateRefusal: [String]? {
    asksForTLS ? [certificateComplaint, "Failed to configure TLS. Check logs for more info."] : nil
  }

  /// Why the process ends when it comes to its modules.
  var moduleRefusal: [String]? {
    configuration.modules.first.map { path in
      [
        "Module \(path) failed to load: \(path): cannot open shared object file: No such file or directory",
        "Can't load module from \(path): server aborting",
      ]
    }
  }

  private var asksForTLS: Bool {
    text("tls-port") != "0" || text("tls-replication") == "yes" || text("tls-cluster") == "yes"
  }

  /// Why there can be no TLS: the first thing that is missing.
  var certificateComplaint: String {
    let certificate = text("tls-cert-file")
    if certificate.isEmpty { return "No tls-cert-file configured!" }
    if text("tls-key-file").isEmpty { return "No tls-key-file configured!" }
    let checksPeers =
      text("tls-auth-clients") != "no" || text("tls-cluster") == "yes" || text("tls-replication") == "yes"
    if checksPeers, text("tls-ca-cert-file").isEmpty, text("tls-ca-cert-dir").isEmpty {
      return "Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, tls-replication or "
        + "tls-auth-clients are enabled!"
    }
    return "Failed to load certificate: \(certificate): error:80000002:system library::No such file or directory"
  }

  /// A changed configuration that asks for TLS can't be taken on, and the log says why: the directive, and the reason
  /// (`applyTlsCfg`, `applyTLSPort` in config.c).
  mutating func refuseTLS(insteadOf old: Configuration) -> (name: String, reason: String)? {
    let wanted = ["tls-port", "tls-replication", "tls-cluster"]
    guard let name = wanted.first(where: { text($0) != DirectiveTable.find($0)?.get(old) }), asksForTLS else {
      return nil
    }
    log(.warning, certificateComplaint)
    log(
      .warning,
      "Failed applying new configuration. Possibly related to new \(name) setting. Restoring previous settings.")
    let complaint = "Unable to update TLS configuration. Check server logs."
    if name == "tls-port" {
      // What takes the old port back asks for a certificate as well.
      log(.warning, certificateComplaint)
      log(.warning, "Failed applying restored failed CONFIG SET command: \(complaint)")
    }
    return (name, complaint)
  }

  private func text(_ directive: String) -> String { DirectiveTable.find(directive)?.get(configuration) ?? "" }
}
