using System.Security.Cryptography;

namespace DicomPS.Compatibility;

/// <summary>
/// PBKDF2 with HMAC-SHA-512 (RFC 8018 5.2), which netstandard2.0 has with SHA-1 alone; and comparing without telling how far.
/// </summary>
internal static class PasswordHash
{
    /// <summary>How many bytes a hash has: one block, which is all of SHA-512.</summary>
    public const int Length = 64;

    /// <summary>Derives the hash of a passcode.</summary>
    public static byte[] Derive(byte[] passcode, byte[] salt, int iterations)
    {
#if NET8_0_OR_GREATER
        return Rfc2898DeriveBytes.Pbkdf2(passcode, salt, iterations, HashAlgorithmName.SHA512, Length);
#else
        using var hmac = new HMACSHA512(passcode);
        var block = hmac.ComputeHash([.. salt, 0, 0, 0, 1]);
        var hash = (byte[])block.Clone();
        for (var i = 1; i < iterations; i++)
        {
            block = hmac.ComputeHash(block);
            for (var b = 0; b < hash.Length; b++)
                hash[b] ^= block[b];
        }

        return hash;
#endif
    }

    /// <summary>Whether two hashes are the same, in a time that does not depend on where they differ.</summary>
    public static bool AreSame(byte[] one, byte[] other)
    {
        var differs = one.Length ^ other.Length;
        for (var i = 0; i < Math.Min(one.Length, other.Length); i++)
            differs |= one[i] ^ other[i];
        return differs == 0;
    }
}
