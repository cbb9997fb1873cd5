namespace HelpGenerator;

/// <summary>Types as PowerShell writes them.</summary>
public static class TypeText
{
    // The accelerators of PowerShell, for the types that a parameter may have.
    private static readonly Dictionary<string, string> Accelerators = new()
    {
        ["System.String"] = "string",
        ["System.Int32"] = "int",
        ["System.Int64"] = "long",
        ["System.UInt16"] = "ushort",
        ["System.UInt32"] = "uint",
        ["System.Boolean"] = "bool",
        ["System.Double"] = "double",
        ["System.Byte"] = "byte",
        ["System.Char"] = "char",
        ["System.DateTime"] = "datetime",
        ["System.TimeSpan"] = "timespan",
        ["System.Uri"] = "uri",
        ["System.Net.IPAddress"] = "ipaddress",
        ["System.Guid"] = "guid",
        ["System.Version"] = "version",
        ["System.Collections.Hashtable"] = "hashtable",
        ["System.Management.Automation.PSCredential"] = "pscredential",
        ["System.Management.Automation.PSObject"] = "psobject",
        ["System.Management.Automation.ScriptBlock"] = "scriptblock",
        ["System.Management.Automation.SwitchParameter"] = "",
    };

    /// <summary>The full name, System.String[].</summary>
    public static string Full(Type type) => type.IsArray ? $"{Full(type.GetElementType()!)}[]"
        : type.IsGenericType ? $"{type.Namespace}.{Generic(type, Full)}" : type.FullName!;

    /// <summary>The name in a syntax line, string[]; empty for a switch.</summary>
    public static string Short(Type type)
    {
        if (type.IsArray)
            return $"{Short(type.GetElementType()!)}[]";
        if (type.IsGenericType)
            return Generic(type, Short);
        return Accelerators.TryGetValue(type.FullName!, out var name) ? name : type.Name;
    }

    private static string Generic(Type type, Func<Type, string> name) =>
        $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}[{string.Join(',', type.GetGenericArguments().Select(name))}]";
}
