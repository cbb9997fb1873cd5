namespace DicomPS.Associations;

/// <summary>Which versions and cipher suites of TLS are spoken (PS3.15 B).</summary>
public enum TlsProfile
{
    /// <summary>Those of the operating system and its policy.</summary>
    Compatible,
    /// <summary>
    /// BCP 195 (RFC 8996, RFC 9325; PS3.15 B.12): TLS 1.2 and 1.3, with forward secrecy and authenticated encryption, and RSA keys of
    /// 2,048 bits and more.
    /// </summary>
    Bcp195,
    /// <summary>
    /// As <see cref="Bcp195"/>, and in TLS 1.2 only the suites that the Extended BCP 195 profile names (PS3.15 B.11, B.13): ECDHE and
    /// DHE with RSA or ECDSA, and AES in GCM.
    /// </summary>
    ExtendedBcp195,
}
