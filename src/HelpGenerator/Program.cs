// Makes the help file from the pages and the built module, and keeps the pages in step with it.
// Usage: HelpGenerator maml PAGES ASSEMBLY ONLINE OUTPUT    writes the help file
//        HelpGenerator pages PAGES ASSEMBLY                 brings the pages up to date, and says what a person has to add
using HelpGenerator;

if (args is ["maml", var pages, var assembly, var online, var output])
    return Runs.WriteMaml(pages, assembly, online, output);
if (args is ["pages", var folder, var built])
    return Runs.UpdatePages(folder, built);
Console.Error.WriteLine("HelpGenerator maml PAGES ASSEMBLY ONLINE OUTPUT | HelpGenerator pages PAGES ASSEMBLY");
return 2;
