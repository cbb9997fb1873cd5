namespace DicomPS.Interop.Tests.Support;

/// <summary>Where the real peers are. A missing one skips the test that asks, and says which package holds it.</summary>
internal static class Programs
{
    public static string Storescp => Find("storescp", "dcmtk");

    public static string Storescu => Find("storescu", "dcmtk");

    public static string Dcmsend => Find("dcmsend", "dcmtk");

    public static string Dcmqrscp => Find("dcmqrscp", "dcmtk");

    public static string Echoscu => Find("echoscu", "dcmtk");

    public static string Findscu => Find("findscu", "dcmtk");

    public static string Movescu => Find("movescu", "dcmtk");

    public static string Getscu => Find("getscu", "dcmtk");

    public static string Wlmscpfs => Find("wlmscpfs", "dcmtk");

    public static string Dcmdump => Find("dcmdump", "dcmtk");

    public static string Dcmconv => Find("dcmconv", "dcmtk");

    public static string Orthanc => Find("Orthanc", "orthanc");

    private static string Find(string program, string package)
    {
        // Orthanc is in /usr/sbin, which is not on everybody's PATH.
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(OperatingSystem.IsWindows() ? [] : ["/usr/sbin", "/usr/local/sbin"]);
        string[] names = OperatingSystem.IsWindows() ? [program + ".exe"] : [program];
        foreach (var folder in folders)
        {
            foreach (var name in names)
            {
                var path = Path.Combine(folder, name);
                if (File.Exists(path))
                    return path;
            }
        }

        Assert.Skip($"{program} was not found on the PATH (Debian's package {package}).");
        throw new InvalidOperationException("Skipped.");
    }
}
