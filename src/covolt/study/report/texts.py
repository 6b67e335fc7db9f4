"""Every sentence of the report in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from covolt.words import Words

__all__ = ["CHANGED", "COUNTRIES", "FLOWS", "TEXTS"]

TEXTS: Mapping[str, Words] = MappingProxyType(
    {
        "blocking": Words("What stands in the way", "Что препятствует приёмке"),
        "nothing_blocks": Words(
            "No law or constraint written here.", "Ни одно из записанных здесь обязательных требований."
        ),
        "contradictions": Words(
            "Bounds that exclude one another: no vehicle can meet both",
            "Нормы, исключающие одна другую: ни один автомобиль не выполнит обе",
        ),
        "gap": Words("gap", "расхождение"),
        "skip": Words("To the content", "К содержанию"),
        "contents": Words("Contents", "Содержание"),
        "committed": Words("committed", "внесён"),
        "not_committed": Words("not committed as it lies here", "в таком виде не внесён в хранилище"),
        "met": Words("met", "выполнено"),
        "met, text not checked": Words("met, text not checked", "выполнено, текст не сверен"),
        "not met": Words("not met", "не выполнено"),
        "within uncertainty": Words("within uncertainty", "в пределах неопределённости"),
        "not verified": Words("not verified", "не проверено"),
        "stale": Words("stale", "устарело"),
        "hidden": Words("hidden", "скрыто"),
        "law": Words("law", "обязательное (по НПА)"),
        "constraint": Words("constraint", "обязательное условие"),
        "need": Words("need", "требование заказчика"),
        "wish": Words("wish", "пожелание"),
        "requirements": Words("Requirements by party", "Требования по участникам"),
        "requirement": Words("Requirement", "Требование"),
        "kind": Words("Kind", "Вид"),
        "value": Words("Value", "Значение"),
        "bound": Words("Bound", "Норма"),
        "margin": Words("Margin ± U", "Запас ± U (k = 2)"),
        "share": Words("of the bound", "в доле от нормы"),
        "unit": Words("Unit", "Единица"),
        "report": Words("report", "отчёт"),
        "name": Words("Name", "Фамилия, имя"),
        "office": Words("Office", "Должность"),
        "day": Words("Date", "Дата"),
        "signature": Words("Signature", "Подпись"),
        "verdict": Words("Verdict", "Результат"),
        "margin_note": Words(
            "The bar shows the margin as a share of the bound, from −30 % to +30 %; the thin line is U = 2 u, two standard uncertainties. "
            "Where laws disagree, value and bar are those of the law with the least margin. P is the probability to conform.",
            "Полоса показывает запас в доле от нормы, от −30 % до +30 %; тонкая линия — расширенная неопределённость "
            "U (k = 2). Если законы расходятся, значение и полоса — по закону с наименьшим запасом. P — вероятность соответствия.",
        ),
        "text_checked": Words("text checked", "текст сверен"),
        "edition": Words("edition", "редакция"),
        "scenario": Words("scenario", "сценарий"),
        "cycle": Words("cycle", "цикл"),
        "ambient": Words("air", "воздух"),
        "payload_carried": Words("payload", "груз"),
        "state_of_health": Words("state of health", "состояние батареи"),
        "state_of_charge": Words("state of charge", "уровень заряда"),
        "start": Words("start", "начало"),
        "soaked": Words("soaked", "выдержан на месте"),
        "preconditioned": Words("preconditioned", "подготовлен от сети"),
        "climate": Words("climate", "климат"),
        "yearly_distance": Words("distance a year", "пробег в год"),
        "charges_per_day": Words("charges a day", "зарядок в день"),
        "from_inputs": Words("datasheets", "паспорта"),
        "from_models": Words("generic numbers", "общие числа"),
        "next": Words("What to measure next", "Что измерить дальше"),
        "next_note": Words(
            "Which number, known twice as well at the same value, decides a requirement that is within uncertainty; where no single one "
            "does, the shortest list that does.",
            "Какое число, известное вдвое точнее при том же значении, решает требование в пределах неопределённости; если ни одно "
            "не решает, приведён кратчайший список.",
        ),
        "halve": Words("Number, and whose", "Число и чьё оно"),
        "uncertainty": Words("u now → then", "u сейчас → затем"),
        "foretold": Words("Then", "Тогда"),
        "generic": Words("generic so far", "пока общее число"),
        "or": Words("or", "или"),
        "and": Words("and", "и"),
        "must_move": Words(
            "No measurement decides: the design must move, by", "Измерения не решают: конструкция должна измениться, на"
        ),
        "vehicle": Words("The vehicle", "Автомобиль"),
        "energy": Words("Where the energy goes", "Куда уходит энергия"),
        "drawn": Words("from the battery", "от батареи"),
        "recuperated": Words("recuperated on the way", "возвращено рекуперацией"),
        "drive": Words("The drive", "Заезд"),
        "curves": Words("Curves", "Графики"),
        "curves_note": Words(
            "A red mark is the bound of a requirement, drawn where it holds; a dot beside it is what was reached.",
            "Красная отметка — норма требования там, где она действует; точка рядом — достигнутое значение.",
        ),
        "comparison": Words(
            "Cost and climate, beside petrol, diesel and gas",
            "Стоимость и климат в сравнении с бензиновым, дизельным и газовым (КПГ)",
        ),
        "comparison_note": Words(
            "Compact cars over ten years of use; greenhouse gases from well to wheel, life cycle with production. Estimates by the dated "
            "tables that ship; grids of",
            "Компактные автомобили за десять лет; парниковые газы от скважины до колеса, жизненный цикл с производством. Оценки по "
            "датированным таблицам поставки; сети:",
        ),
        "cost_ten": Words("Cost of ten years", "Стоимость за 10 лет"),
        "use_row": Words("Use, well to wheel", "Эксплуатация, от скважины до колеса"),
        "life_row": Words("Life cycle with production", "Жизненный цикл с производством"),
        "break_even_row": Words("Emissions repaid after", "Выбросы окупаются через (пробег)"),
        "zoom": Words(
            "Point at a chart, or reach it with Tab and move with the arrows, to read it; + and − zoom, Escape shows all; "
            "drag across a stretch to enlarge it.",
            "Наведите указатель на график или перейдите к нему клавишей Tab и двигайтесь стрелками — покажутся значения; "
            "+ и − меняют масштаб, Escape — всё целиком; участок увеличивается протягиванием.",
        ),
        "parts": Words("Parts and parties", "Составные части и участники"),
        "slot": Words("Slot", "Узел"),
        "owner": Words("Owner", "Ответственный"),
        "offer": Words("Offer", "Версия поставки"),
        "model": Words("Model, validation level", "Модель, уровень валидации"),
        "promises": Words("Promises kept", "Подтверждено свойств по договору"),
        "party": Words("Party", "Участник"),
        "country": Words("Country", "Страна"),
        "changes": Words(
            "What changed since an earlier state, and by whom", "Что изменилось с прежнего состояния и кем"
        ),
        "does_not_stand": Words(
            "Compared with as it was left; of it these do not stand by today's keys and signatures:",
            "Взято таким, как было оставлено; по сегодняшним ключам и подписям из него не действует:",
        ),
        "before": Words("Before", "Было"),
        "after": Words("After", "Стало"),
        "baseline": Words("Compared with", "Сравнивается с"),
        "changes_note": Words(
            "Each movement of a margin is divided among the parties by the Shapley value; the parts sum to the whole. "
            "Plus is towards meeting the requirement.",
            "Каждое изменение запаса разделено между участниками по вектору Шепли; части дают целое. "
            "Плюс — в сторону выполнения требования.",
        ),
        "moved": Words("Margins that moved", "Изменившиеся запасы"),
        "no_changes": Words("Nothing changed.", "Ничего не изменилось."),
        "gates": Words("Gates", "Контрольные рубежи"),
        "criteria": Words("Criteria as written", "Критерии, как записаны"),
        "open": Words("open", "пройден"),
        "moved_since": Words("moved since", "с тех пор"),
        "signed_digest": Words("over", "над"),
        "gate_digest": Words("state of the gate today:", "состояние рубежа сегодня:"),
        "shut": Words("shut", "не пройден"),
        "approval": Words("Approval", "Одобрение типа"),
        "approval_note": Words(
            "Acts that hold for this vehicle by category and market, as of the day of the table, bound to the requirements that cite them. "
            "“Computed: met” is covolt's word by what the parties declare, “document cited” that a file lies there; an act is shown when an agency "
            "has signed an open gate for it. Scope or numbers marked ◊ are not checked against the text.",
            "Акты, действующие для этого автомобиля по категории и рынку на дату таблицы, и требования, которые на них ссылаются. "
            "«Расчёт: выполнено» — слово covolt по заявленному участниками, «документ приложен» — файл на месте; акт подтверждён, когда орган "
            "подписал открытый рубеж. Область или числа со знаком ◊ с текстом не сверены.",
        ),
        "act": Words("Act", "Акт"),
        "state": Words("State", "Состояние"),
        "acts_hold": Words("Acts that hold:", "Действующих актов:"),
        "computed": Words("computed", "расчёт"),
        "document": Words("document", "документ"),
        "by": Words("To be shown by", "Чем подтверждать"),
        "elsewhere": Words("Not for this vehicle", "Не для этого автомобиля"),
        "protocols": Words("Protocols", "Протоколы"),
        "protocols_note": Words(
            "Every intermediate value by number, as the regulation's own steps. A formula marked ◊ is not checked against its text.",
            "Каждое промежуточное значение под номером, по шагам регламента. Формула со знаком ◊ с текстом не сверена.",
        ),
        "no_drive": Words("The drive was not completed", "Заезд не завершён"),
        "number": Words("No.", "№"),
        "quantity": Words("Quantity", "Величина"),
        "symbol": Words("Symbol", "Обозначение"),
        "clause": Words("Clause", "Пункт"),
        "method": Words("Method and sources", "Методика и источники"),
        "method_text": Words(
            "The vehicle is joined from the offers that the lock pins, and driven through each procedure step by step; the energy account "
            "of every drive closes to one part in a million. Uncertainty of a result follows from the standard uncertainties that the "
            "datasheets state, and from those of the generic numbers that stand for what they leave open: each number is moved up and down "
            "alone (JCGM 100:2008, 5.1.2 and 5.2.2). A requirement is met where the probability to conform is at least 95 %, not met where it "
            "is at most 5 %, within uncertainty between (JCGM 106:2012). What is printed behind ± is two standard uncertainties. Met by a "
            "bound or a formula that nobody has held against its text is “met, text not checked”. Levels of validation: 0 "
            "parameterised, 1 energy per cycle, 2 time resolved, 3 thermal.",
            "Автомобиль собирается из поставок, закреплённых в составе, и проходит каждую процедуру шаг за шагом; энергетический "
            "баланс каждого заезда сходится до миллионной доли. Неопределённость результата следует из стандартных неопределённостей, "
            "заявленных в паспортах, и из неопределённостей общих чисел, которые стоят вместо незаявленных: каждое число сдвигается отдельно "
            "вверх и вниз (JCGM 100:2008, 5.1.2 и 5.2.2). Требование выполнено, если вероятность соответствия не менее 95 %, не выполнено, "
            "если она не более 5 %, иначе — в пределах неопределённости (JCGM 106:2012). После ± стоит расширенная неопределённость (k = 2). "
            "Если норма или формула не сверена с текстом, то «выполнено, текст не сверен». "
            "Уровни валидации: 0 — параметры, 1 — энергия за цикл, 2 — во времени, 3 — тепловой.",
        ),
        "level": Words("Validation level", "Уровень валидации"),
        "not_used": Words("declared, not used by the model", "заявлено, моделью не используется"),
        "digest": Words("Digest", "Контрольная сумма"),
        "lock": Words("Lock", "Состав (контрольная сумма)"),
        "made": Words("Made by covolt", "Создано в covolt"),
        "on": Words("on", "дата"),
        "kerb_mass": Words("Kerb mass", "Снаряжённая масса"),
        "payload": Words("Payload", "Полезная нагрузка"),
        "usable": Words("Usable energy", "Располагаемая энергия батареи"),
        "power": Words("Peak power", "Максимальная мощность"),
        "torque": Words("Peak torque", "Максимальный крутящий момент"),
        "drag": Words("Drag area", "Фактор обтекаемости Cx·S"),
        "private": Words(
            "A party's own: value and margin are not shown.", "Внутреннее требование: значение и запас не показаны."
        ),
    }
)
FLOWS: Mapping[str, str] = MappingProxyType(
    {
        "battery": "батарея",
        "vehicle": "автомобиль",
        "drive": "привод",
        "wheels": "колёса",
        "charger": "зарядное устройство",
        "battery loss": "потери батареи",
        "auxiliaries": "бортовая сеть",
        "cabin climate": "климат салона",
        "battery conditioning": "термостатирование",
        "not served": "не покрыто",
        "drive unit loss": "потери привода",
        "gearbox loss": "потери редуктора",
        "air drag": "аэродинамика",
        "rolling": "качение",
        "bearings and rest of road load": "подшипники и остаток сопротивления",
        "friction brakes": "тормоза",
        "height gained": "подъём",
        "kinetic energy gained": "разгон",
    }
)
"""Names of the ledger's flows in Russian."""
COUNTRIES: Mapping[str, Words] = MappingProxyType(
    {"RU": Words("Russia", "Россия"), "BY": Words("Belarus", "Беларусь"), "KZ": Words("Kazakhstan", "Казахстан")}
)

CHANGED = (
    Words("programme", "программа"),
    Words("vehicle", "автомобиль"),
    Words("scenario", "сценарий"),
    Words("slot", "место"),
    Words("contract", "договор"),
    Words("party", "участник"),
    Words("empty", "пусто"),
    Words("absent", "нет"),
    Words("present", "есть"),
    Words("at least", "не менее"),
    Words("at most", "не более"),
    Words("by document", "документом"),
)
"""Words with which a change of the programme begins, as `covolt.study.verdicts.attribution` has them."""
