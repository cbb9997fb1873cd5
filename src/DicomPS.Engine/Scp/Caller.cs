using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace DicomPS.Scp;

/// <summary>Who asks for an association.</summary>
/// <param name="CallingAETitle">The AE title that it says it has; anybody can say any.</param>
/// <param name="CalledAETitle">The AE title that it called.</param>
/// <param name="RemoteEndPoint">The address and port that it calls from.</param>
/// <param name="Certificate">The certificate that it showed, with TLS; null for none.</param>
internal sealed record Caller(string CallingAETitle, string CalledAETitle, IPEndPoint RemoteEndPoint, X509Certificate? Certificate);
