using System.Reflection;
using System.Runtime.Loader;

namespace HelpGenerator;

/// <summary>
/// Reads the built module. Attributes are read as data, because the PowerShell beside this program is a reference
/// whose methods do nothing; for the same reason a cmdlet can be made, which gives the defaults that its code really has.
/// </summary>
public static class ModuleReader
{
    private const int DefaultPosition = int.MinValue;

    /// <summary>The exported cmdlets, in the order of their names.</summary>
    /// <param name="assembly">DicomPS.dll of the build for PowerShell 7.</param>
    public static IReadOnlyList<CmdletFacts> Read(string assembly)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(assembly))!;
        var context = new AssemblyLoadContext("module");
        context.Resolving += (from, name) =>
            Path.Combine(folder, $"{name.Name}.dll") is var file && File.Exists(file) ? from.LoadFromAssemblyPath(file) : null;
        var module = context.LoadFromAssemblyPath(Path.GetFullPath(assembly));
        return
        [
            .. from type in module.GetExportedTypes()
               where !type.IsAbstract
               let cmdlet = Find(type, "CmdletAttribute")
               where cmdlet is not null
               let facts = CmdletOf(type, cmdlet)
               orderby facts.Name
               select facts,
        ];
    }

    private static CmdletFacts CmdletOf(Type type, CustomAttributeData cmdlet)
    {
        var made = Activator.CreateInstance(type)!;
        List<ParameterFacts> parameters =
        [
            .. from property in type.GetProperties()
               let uses = UsesOf(property)
               where uses.Count > 0
               select ParameterOf(property, uses, made),
        ];
        if (Named(cmdlet, "SupportsShouldProcess") is true)
        {
            parameters.Add(Switch("WhatIf", "wi"));
            parameters.Add(Switch("Confirm", "cf"));
        }

        var outputs = Attributes(type, "OutputTypeAttribute").SelectMany(FirstArray).Select(value => NameOf(value));
        var name = $"{cmdlet.ConstructorArguments[0].Value}-{cmdlet.ConstructorArguments[1].Value}";
        var declared = parameters.OrderBy(parameter => DepthOf(type.GetProperty(parameter.Name)?.DeclaringType))
            .SelectMany(parameter => parameter.Uses);
        var sets = SetsOf(parameters, declared, Named(cmdlet, "DefaultParameterSetName") as string);
        return new CmdletFacts(name, sets, parameters, [.. outputs.Distinct()]);
    }

    private static List<ParameterSetFacts> SetsOf(List<ParameterFacts> parameters, IEnumerable<ParameterUse> declared, string? standard)
    {
        // The sets of the base classes first, as PowerShell counts them.
        var names = declared.Select(use => use.Set).Where(set => set != ParameterSetFacts.All).Distinct().ToList();
        if (names.Count == 0)
            names.Add(ParameterSetFacts.All);
        var sets = from name in names.OrderByDescending(name => name == standard)
                   let members = from parameter in parameters
                                 let use = parameter.Uses.FirstOrDefault(use => use.Set == name || use.Set == ParameterSetFacts.All)
                                 where use is not null
                                 select (Parameter: parameter, Use: use)
                   select new ParameterSetFacts(name, name == standard, [.. members.OrderBy(member => PlaceOf(member.Use))]);
        return [.. sets];
    }

    // As Get-Command orders a syntax: by position, then what must be named, then the rest.
    private static int PlaceOf(ParameterUse use) => use.Position ?? (use.IsRequired ? int.MaxValue - 1 : int.MaxValue);

    private static ParameterFacts ParameterOf(PropertyInfo property, IReadOnlyList<ParameterUse> uses, object made)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var element = type.IsArray ? type.GetElementType()! : type;
        var words = Attributes(property, "ValidateSetAttribute").SelectMany(FirstArray).Select(value => (string)value!).ToList();
        if (words.Count == 0 && element.IsEnum)
            words.AddRange(Enum.GetNames(element));
        var (text, isCertain) = DefaultText.Of(property.PropertyType, property.GetValue(made));
        return new ParameterFacts(
            property.Name,
            TypeText.Full(type),
            TypeText.Short(type),
            text,
            isCertain,
            [.. Attributes(property, "AliasAttribute").SelectMany(FirstArray).Select(value => (string)value!)],
            words,
            Attributes(property, "SupportsWildcardsAttribute").Any(),
            uses);
    }

    private static List<ParameterUse> UsesOf(PropertyInfo property) =>
    [
        .. from data in Attributes(property, "ParameterAttribute")
           let position = Named(data, "Position") as int? ?? DefaultPosition
           select new ParameterUse(
               Named(data, "ParameterSetName") as string ?? ParameterSetFacts.All,
               position == DefaultPosition ? null : position,
               Named(data, "Mandatory") is true,
               Named(data, "ValueFromPipeline") is true,
               Named(data, "ValueFromPipelineByPropertyName") is true,
               Named(data, "ValueFromRemainingArguments") is true),
    ];

    private static ParameterFacts Switch(string name, string alias) =>
        new(name, "System.Management.Automation.SwitchParameter", "", "False", true, [alias], [], false,
            [new ParameterUse(ParameterSetFacts.All, null, false, false, false, false)]);

    private static CustomAttributeData? Find(MemberInfo member, string name) => Attributes(member, name).FirstOrDefault();

    private static IEnumerable<CustomAttributeData> Attributes(MemberInfo member, string name) =>
        member.GetCustomAttributesData().Where(data => data.AttributeType.Name == name);

    private static object? Named(CustomAttributeData data, string name) =>
        data.NamedArguments.FirstOrDefault(argument => argument.MemberName == name).TypedValue.Value;

    private static IEnumerable<object?> FirstArray(CustomAttributeData data) =>
        data.ConstructorArguments[0].Value is IEnumerable<CustomAttributeTypedArgument> values ? values.Select(value => value.Value) : [];

    private static int DepthOf(Type? type) => type is null ? 0 : 1 + DepthOf(type.BaseType);

    private static string NameOf(object? type) => type is Type known ? TypeText.Full(known) : $"{type}";
}
