namespace DicomPS.Engine.Tests.Support;

/// <summary>The source tree that these tests were built from.</summary>
internal static class Repository
{
    /// <summary>The folder with DicomPS.sln; skips the test where the tests run without their sources.</summary>
    public static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DicomPS.sln")))
                return folder.FullName;
        }

        Assert.Skip("The tests run outside their source tree.");
        return "";
    }
}
