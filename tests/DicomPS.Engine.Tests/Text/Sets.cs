using DicomPS.Text;

namespace DicomPS.Engine.Tests.Text;

/// <summary>Short forms for the tests of this folder.</summary>
internal static class Sets
{
    /// <summary>The codec of values joined by backslashes; fails when they draw a warning.</summary>
    internal static SpecificCharacterSet Of(string values)
    {
        var set = SpecificCharacterSet.Parse(values.Split('\\'), out var warnings);
        Assert.Empty(warnings);
        return set;
    }

    /// <summary>Bytes from text in which \e is ESC and every other character its own byte (Latin-1).</summary>
    internal static byte[] Bytes(string text) => [.. text.Select(character => (byte)character)];

    /// <summary>Bytes from hexadecimal with spaces.</summary>
    internal static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", string.Empty, StringComparison.Ordinal));
}
