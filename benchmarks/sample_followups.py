"""Questions about the sample documents that go on from another one, as people type them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """A question, its answer, the question behind it, and words of the passage that answers."""

    before: str
    answer: str
    text: str
    file: str
    holds: str


_ENGLISH = (
    ("How long is the warranty of the LP-320 printer?", "30 months", "And for the toner?",
     "printer-manual.pdf", "six months"),
    ("What is the tyre pressure with up to three people?", "2.4 bar in front", "And fully loaded?",
     "car-service-book.txt", "2.6 bar"),
    ("When was the battery of the car replaced?", "4 October 2023", "What did it cost?",
     "car-service-book.txt", "507.15"),
    ("What was done to the car in October 2023?", "oil, filters and battery", "And in 2024?",
     "car-service-book.txt", "296.40"),
    ("Who presented the offers for the furniture?", "Ines Duarte", "Which one was accepted?",
     "meeting-minutes.md", "Nordholz"),
    ("When does the file server move?", "Saturday 14 June 2025",
     "Who prepares the list of folders for that?", "meeting-minutes.md", "Tom Okafor"),
    ("Who is the new fire warden?", "Jonas Weber", "And his deputy?",
     "meeting-minutes.md", "Ines Duarte"),
    ("When is the fire drill?", "8 May at 11:00", "Where do we assemble for it?",
     "meeting-minutes.md", "bakery"),
    ("How long does the lentil soup take?", "35 minutes", "How long does it keep?",
     "red-lentil-soup.txt", "three days"),
    ("How many lentils go into the soup?", "250 g", "And how much stock?",
     "red-lentil-soup.txt", "1.1 litres"),
    ("What does the dental insurance refund for crowns?", "85 %", "What about fillings?",
     "dental-insurance.html", "100 %"),
    ("What does the dental insurance refund for crowns?", "85 %", "And the deductible?",
     "dental-insurance.html", "60 euros"),
    ("How high is the monthly premium of the dental insurance?", "31.90 euros",
     "Is there a limit to it in the first years?", "dental-insurance.html", "1,200 euros"),
    ("How much is the deposit of the apartment?", "2,955 euros", "When is it returned?",
     "apartment-lease.docx", "within six months"),
    ("When does the lease begin?", "1 August 2022", "How can we end it?",
     "apartment-lease.docx", "three months' notice"),
    ("Are dogs allowed in the apartment?", "With consent.", "And cats?",
     "apartment-lease.docx", "One cat"),
    ("What did we pay Stadtwerke for the first quarter?", "642.37", "And for the third?",
     "invoices-2024.csv", "588.44"),
    ("What did the laser printer cost?", "389.00", "And its toner?",
     "invoices-2024.csv", "303.60"),
)  # fmt: skip
_CHINESE = (
    ("鸭川小町旅馆一晚多少钱？", "1.8 万日元", "预订编号呢？", "京都旅行计划.md", "KM-20841"),
    ("去京都的机票多少钱？", "5200 元", "住宿呢？", "京都旅行计划.md", "3400"),
    ("11月13日去哪里？", "伏见稻荷大社", "那14日呢？", "京都旅行计划.md", "岚山"),
    ("HF-860 洗衣机的快洗程序要多久？", "28 分钟", "它的保修期是多久？",
     "洗衣机使用说明.txt", "三年"),
    ("故障代码 E10 是什么意思？", "进水太慢", "那 E21 呢？", "洗衣机使用说明.txt", "排水故障"),
    ("小区什么时候停水？", "4月18日", "涉及哪几号楼？", "停水通知.html", "8号楼"),
    ("员工的试用期是多长？", "三个月", "这期间的工资是多少？", "员工手册.docx", "百分之九十"),
    ("工作满一年的员工有多少天年假？", "12 天", "那满五年的呢？", "员工手册.docx", "15 天"),
)  # fmt: skip
SAMPLES = tuple(Sample(*row) for row in (*_ENGLISH, *_CHINESE))
