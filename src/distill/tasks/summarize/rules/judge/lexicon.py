"""Word lists of the judge."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words without content.
STOP = _set("""
    a about above after again all also already although am an and any anything are as at be
    because been before being below between both but by can cannot could did do does doing
    done down during each even ever for from further get gets getting give given go goes got
    had has have having he her here hers him his how however i if in into is it its just let
    made make many me more most much my myself no nor not now of off on once one only or
    other our out over own please same she should since so some still such than that the
    their them then there these they this those through to too under until up us very was we
    were what when where which while who whom why will with without would yet you your yours
""")
# Words of reporting, which summaries add.
REPORTING = _set("""
    ask asks asked asking buyer claim claims claimed client complain complains confirm
    confirms contact contacted customer describe describes explain explains explained inform
    informs issue like likes mention mentions mentioned need needs note notes number problem
    provide provides provided regarding relate related report reports reported request
    requests requested say says said seek seeks seller state states stated tell tells told
    user want wants wanted wish wishes would know wonder wonders inquire inquires query
""")
# Words that only carry a value: "the order number is 12-3456".
CARRIERS = _set("""
    a about all and also amount as be no so with would amounting an are at been by can case
    cost costs costing customer date dated day find for from got had happen happened has
    have here i id identifier in involved is it its item items listing my name number
    numbers of on order orders paid place price purchase received reference refers regarding
    return role s sum that the their there this took total transaction under user username
    value was were which with worth concerns concerned affected auction payment charged you
    your today
""")
# Words that do not count when the order of words is compared.
LITTLE = _set("""
    a an and as at be but by for from had has have he her his i in into is it its my no not
    of on or our she so than that the their them they this to was we were which who with you
    your
""")
