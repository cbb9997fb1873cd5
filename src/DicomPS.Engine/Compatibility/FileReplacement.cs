// Replacing a file in one step: newer runtimes move over what is there, netstandard2.0 has to be told in another way.
namespace DicomPS.Compatibility;

internal static class FileReplacement
{
    /// <summary>Moves a file to a path on the same volume, in the place of one that may be there.</summary>
    public static void Move(string source, string target)
    {
#if NET8_0_OR_GREATER
        File.Move(source, target, overwrite: true);
#else
        if (File.Exists(target))
        {
            File.Replace(source, target, null);
        }
        else
        {
            File.Move(source, target);
        }
#endif
    }
}
