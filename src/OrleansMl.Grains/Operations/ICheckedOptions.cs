namespace OrleansMl.Grains.Operations;

/// <summary>Options that know their own limits.</summary>
internal interface ICheckedOptions
{
    /// <summary>What is wrong, each with the option's name, what was expected and what came.</summary>
    IEnumerable<string> Problems();
}
